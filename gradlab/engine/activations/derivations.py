"""How the derivatives of the classic activations are derived, line by line."""

from __future__ import annotations

from .base import Step

SIGMOID = (
    Step(tex=r"\sigma(x) = \frac{1}{1 + e^{-x}}", text="1/(1 + exp(-x))", why="The value itself."),
    Step(
        tex=r"\sigma'(x) = \frac{d}{dx} (1 + e^{-x})^{-1}"
        r" = -(1 + e^{-x})^{-2} \cdot (-e^{-x})",
        text="-(1 + exp(-x))^(-2) * (-exp(-x))",
        why="Chain rule: the outer power, times the derivative of what is inside.",
    ),
    Step(
        tex=r"= \frac{e^{-x}}{(1 + e^{-x})^2}",
        text="exp(-x)/(1 + exp(-x))^2",
        why="The two signs cancel.",
    ),
    Step(
        tex=r"= \frac{(1 + e^{-x}) - 1}{(1 + e^{-x})^2}",
        text="((1 + exp(-x)) - 1)/(1 + exp(-x))^2",
        why="Add 1 and take it away.",
    ),
    Step(
        tex=r"= \frac{1}{1 + e^{-x}} - \frac{1}{(1 + e^{-x})^2}",
        text="1/(1 + exp(-x)) - 1/(1 + exp(-x))^2",
        why="Two fractions.",
    ),
    Step(
        tex=r"= \sigma(x) - \sigma(x)^2 = \sigma(x)(1 - \sigma(x))",
        text="sigmoid(x)*(1 - sigmoid(x))",
        why="Both are the sigmoid. Largest at x = 0, where it is 1/4; far out one factor is 0: the unit saturates.",
    ),
)

TANH = (
    Step(
        tex=r"\tanh(x) = \frac{e^{x} - e^{-x}}{e^{x} + e^{-x}} = 2\,\sigma(2x) - 1",
        text="2*sigmoid(2*x) - 1",
        why="tanh is the sigmoid, stretched and moved.",
    ),
    Step(
        tex=r"\tanh'(x) = \frac{(e^{x} + e^{-x})^2 - (e^{x} - e^{-x})^2}{(e^{x} + e^{-x})^2}",
        text="((exp(x) + exp(-x))^2 - (exp(x) - exp(-x))^2)/(exp(x) + exp(-x))^2",
        why="Quotient rule; the derivative of each part is the other part.",
    ),
    Step(
        tex=r"= 1 - (\frac{e^{x} - e^{-x}}{e^{x} + e^{-x}})^2",
        text="1 - ((exp(x) - exp(-x))/(exp(x) + exp(-x)))^2",
        why="Divide both squares.",
    ),
    Step(
        tex=r"= 1 - \tanh^2(x)",
        text="1 - tanh(x)^2",
        why="1 at x = 0 and less elsewhere; far out it is 0: the unit saturates.",
    ),
)

RELU = (
    Step(tex=r"\operatorname{ReLU}(x) = \max(0, x)", text="max(0, x)", why="The value itself."),
    Step(
        tex=r"\operatorname{ReLU}'(x) = \begin{cases} 1 & x > 0 \\ 0 & x < 0 \end{cases}",
        text="step(x)",
        why="The line x has slope 1, the line 0 has slope 0.",
    ),
    Step(
        tex=r"\lim_{h \to 0^{-}} \frac{\operatorname{ReLU}(h)}{h} = 0 \ne"
        r" 1 = \lim_{h \to 0^{+}} \frac{\operatorname{ReLU}(h)}{h}",
        text="step(x)",
        why="At x = 0 the two sides disagree: there is no derivative. Every number from 0 to 1 is a subgradient,"
        " and torch takes 0, not 1.",
    ),
)
