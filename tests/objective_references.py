"""The test functions once more, in mpmath as their papers print them, and the least value of each."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from mpmath import cos, e, exp, fabs, mpf, pi, sin, sqrt

Reference = Callable[[Any, Sequence[Any]], Any]


def d(text: str) -> Any:
    """Return a decimal constant of a paper, not its nearest float."""
    return mpf(text)


def levy(o: Any, x: Sequence[Any]) -> Any:
    w = [1 + (v - 1) / 4 for v in x]
    middle = sum((v - 1) ** 2 * (1 + 10 * sin(pi * v + 1) ** 2) for v in w[:-1])
    return sin(pi * w[0]) ** 2 + middle + (w[-1] - 1) ** 2 * (1 + sin(2 * pi * w[-1]) ** 2)


def michalewicz(o: Any, x: Sequence[Any]) -> Any:
    return -sum(sin(v) * sin(i * v**2 / pi) ** (2 * o.m) for i, v in enumerate(x, 1))


def griewank(o: Any, x: Sequence[Any]) -> Any:
    product = mpf(1)
    for i, v in enumerate(x, 1):
        product *= cos(v / sqrt(mpf(i)))
    return sum(v**2 for v in x) / 4000 - product + 1


def shubert(o: Any, x: Sequence[Any]) -> Any:
    product = mpf(1)
    for v in x:
        product *= sum(j * cos((j + 1) * v + j) for j in range(1, 6))
    return product


def ackley(o: Any, x: Sequence[Any]) -> Any:
    n = len(x)
    funnel = -o.a * exp(-mpf(o.b) * sqrt(sum(v**2 for v in x) / n))
    return funnel - exp(sum(cos(mpf(o.c) * v) for v in x) / n) + o.a + e


def goldstein_price(o: Any, p: Sequence[Any]) -> Any:
    x, y = p
    first = 1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2)
    return first * (30 + (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2))


def peaks(o: Any, p: Sequence[Any]) -> Any:
    x, y = p
    first = 3 * (1 - x) ** 2 * exp(-(x**2) - (y + 1) ** 2)
    return first - 10 * (x / 5 - x**3 - y**5) * exp(-(x**2) - y**2) - exp(-((x + 1) ** 2) - y**2) / 3


def schaffer(p: Sequence[Any], wave: Callable[[Any], Any]) -> Any:
    x, y = p
    return d("0.5") + (wave(x**2 - y**2) ** 2 - d("0.5")) / (1 + d("0.001") * (x**2 + y**2)) ** 2


def cross_in_tray(o: Any, p: Sequence[Any]) -> Any:
    x, y = p
    inner = fabs(sin(x) * sin(y) * exp(fabs(100 - sqrt(x**2 + y**2) / pi)))
    return -d("0.0001") * (inner + 1) ** d("0.1")


def rotated(o: Any, p: Sequence[Any]) -> Any:
    turn = mpf(o.angle) * pi / 180
    u, v = p[0] * cos(turn) + p[1] * sin(turn), p[1] * cos(turn) - p[0] * sin(turn)
    return (u**2 + mpf(o.condition) * v**2) / 2


def bohachevsky(p: Sequence[Any], ripples: Callable[[Any, Any], Any]) -> Any:
    x, y = p
    return x**2 + 2 * y**2 + ripples(3 * pi * x, 4 * pi * y)


REFERENCES: dict[str, Reference] = {
    "sphere": lambda o, x: sum(v**2 for v in x),
    "sum_squares": lambda o, x: sum(i * v**2 for i, v in enumerate(x, 1)),
    "quadratic": lambda o, x: sum(mpf(o.condition) ** (mpf(i) / (len(x) - 1)) * v**2 for i, v in enumerate(x)) / 2,
    "rotated_quadratic": rotated,
    "booth": lambda o, p: (p[0] + 2 * p[1] - 7) ** 2 + (2 * p[0] + p[1] - 5) ** 2,
    "matyas": lambda o, p: d("0.26") * (p[0] ** 2 + p[1] ** 2) - d("0.48") * p[0] * p[1],
    "zakharov": lambda o, x: (
        sum(v**2 for v in x)
        + sum(i * v / 2 for i, v in enumerate(x, 1)) ** 2
        + sum(i * v / 2 for i, v in enumerate(x, 1)) ** 4
    ),
    "trid": lambda o, x: sum((v - 1) ** 2 for v in x) - sum(a * b for a, b in zip(x[1:], x[:-1], strict=True)),
    "parabola": lambda o, p: p[0] ** 2,
    "quartic": lambda o, p: p[0] ** 4 - 3 * p[0] ** 3,
    "forrester": lambda o, p: (6 * p[0] - 2) ** 2 * sin(12 * p[0] - 4),
    "gramacy_lee": lambda o, p: sin(10 * pi * p[0]) / (2 * p[0]) + (p[0] - 1) ** 4,
    "rastrigin": lambda o, x: o.a * len(x) + sum(v**2 - mpf(o.a) * cos(2 * pi * v) for v in x),
    "ackley": ackley,
    "griewank": griewank,
    "levy": levy,
    "levy_13": lambda o, p: (
        sin(3 * pi * p[0]) ** 2
        + (p[0] - 1) ** 2 * (1 + sin(3 * pi * p[1]) ** 2)
        + (p[1] - 1) ** 2 * (1 + sin(2 * pi * p[1]) ** 2)
    ),
    "drop_wave": lambda o, p: -(1 + cos(12 * sqrt(p[0] ** 2 + p[1] ** 2))) / (d("0.5") * (p[0] ** 2 + p[1] ** 2) + 2),
    "schaffer_2": lambda o, p: schaffer(p, sin),
    "schaffer_4": lambda o, p: schaffer(p, lambda u: cos(sin(fabs(u)))),
    "bohachevsky_1": lambda o, p: bohachevsky(p, lambda a, b: -d("0.3") * cos(a) - d("0.4") * cos(b) + d("0.7")),
    "bohachevsky_2": lambda o, p: bohachevsky(p, lambda a, b: -d("0.3") * cos(a) * cos(b) + d("0.3")),
    "bohachevsky_3": lambda o, p: bohachevsky(p, lambda a, b: -d("0.3") * cos(a + b) + d("0.3")),
    "saddle": lambda o, p: p[0] ** 2 - p[1] ** 2,
    "monkey_saddle": lambda o, p: p[0] ** 3 - 3 * p[0] * p[1] ** 2,
    "schwefel": lambda o, x: d("418.9828872724337062747864") * len(x) - sum(v * sin(sqrt(fabs(v))) for v in x),
    "michalewicz": michalewicz,
    "shubert": shubert,
    "easom": lambda o, p: -cos(p[0]) * cos(p[1]) * exp(-((p[0] - pi) ** 2) - (p[1] - pi) ** 2),
    "eggholder": lambda o, p: (
        -(p[1] + 47) * sin(sqrt(fabs(p[0] / 2 + p[1] + 47))) - p[0] * sin(sqrt(fabs(p[0] - (p[1] + 47))))
    ),
    "cross_in_tray": cross_in_tray,
    "holder_table": lambda o, p: -fabs(sin(p[0]) * cos(p[1]) * exp(fabs(1 - sqrt(p[0] ** 2 + p[1] ** 2) / pi))),
    "himmelblau": lambda o, p: (p[0] ** 2 + p[1] - 11) ** 2 + (p[0] + p[1] ** 2 - 7) ** 2,
    "rosenbrock": lambda o, x: sum(mpf(o.b) * (b - a**2) ** 2 + (mpf(o.a) - a) ** 2 for a, b in itertools.pairwise(x)),
    "dixon_price": lambda o, x: (
        (x[0] - 1) ** 2 + sum(i * (2 * x[i - 1] ** 2 - x[i - 2]) ** 2 for i in range(2, len(x) + 1))
    ),
    "beale": lambda o, p: (
        (d("1.5") - p[0] + p[0] * p[1]) ** 2
        + (d("2.25") - p[0] + p[0] * p[1] ** 2) ** 2
        + (d("2.625") - p[0] + p[0] * p[1] ** 3) ** 2
    ),
    "three_hump_camel": lambda o, p: 2 * p[0] ** 2 - d("1.05") * p[0] ** 4 + p[0] ** 6 / 6 + p[0] * p[1] + p[1] ** 2,
    "six_hump_camel": lambda o, p: (
        (4 - d("2.1") * p[0] ** 2 + p[0] ** 4 / 3) * p[0] ** 2 + p[0] * p[1] + (-4 + 4 * p[1] ** 2) * p[1] ** 2
    ),
    "goldstein_price": goldstein_price,
    "mccormick": lambda o, p: sin(p[0] + p[1]) + (p[0] - p[1]) ** 2 - d("1.5") * p[0] + d("2.5") * p[1] + 1,
    "styblinski_tang": lambda o, x: sum(v**4 - 16 * v**2 + 5 * v for v in x) / 2,
    "branin": lambda o, p: (
        (p[1] - d("5.1") / (4 * pi**2) * p[0] ** 2 + 5 / pi * p[0] - 6) ** 2 + 10 * (1 - 1 / (8 * pi)) * cos(p[0]) + 10
    ),
    "bukin_6": lambda o, p: 100 * sqrt(fabs(p[1] - d("0.01") * p[0] ** 2)) + d("0.01") * fabs(p[0] + 10),
    "peaks": peaks,
}

LOWEST: dict[str, float] = {
    "quartic": -8.54296875,
    "forrester": -6.0207400557670825,
    "gramacy_lee": -0.8690111349894998,
    "drop_wave": -1.0,
    "schaffer_4": 0.29257863203598056,
    "shubert": -186.73090883102384,
    "easom": -1.0,
    "eggholder": -959.6406627208509,
    "cross_in_tray": -2.062611870822737,
    "holder_table": -19.208502567886732,
    "six_hump_camel": -1.0316284534898774,
    "goldstein_price": 3.0,
    "mccormick": -1.9132229549810364,
    "styblinski_tang": 2 * -39.16616570377141,
    "branin": 0.3978873577297383,
    "peaks": -6.551133332835837,
    "trid": -2.0,
    "michalewicz": -1.8013034100985537,
}
"""The least value on the domain with the default parameters; 0 for the others that have one."""
