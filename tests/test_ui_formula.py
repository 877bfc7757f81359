"""Formulas: typeset off the GUI thread within a time limit, in the colour of the theme, to the width there is."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
import xml.etree.ElementTree as ET

import psutil
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu

from gradlab.ui import formula, theme
from gradlab.ui.formula import FormulaLabel
from gradlab.ui.latex import INK, TooSlow, to_svg
from gradlab.ui.typesetting import Typesetter, TypesettingProcess

HIMMELBLAU = r"f=(x^2+y-11)^2+(x+y^2-7)^2"
NESTED = r"\frac{1}{" * 14 + "x" + "}" * 14


@pytest.fixture
def label(qtbot, qapp):
    theme.apply(qapp, "dark")
    label = FormulaLabel()
    qtbot.addWidget(label)
    label.resize(400, 60)
    label.show()
    qtbot.waitExposed(label)
    yield label
    formula.shutdown()


def typeset(qtbot, label, latex, plain=""):
    with qtbot.waitSignal(label.rendered, timeout=20_000) as signal:
        label.set_formula(latex, plain)
    return signal.args[0]


def ink(label):
    """Count the pixels drawn, and return the colour that stands out most."""
    picture = label.grab().toImage()
    ground = picture.pixelColor(picture.width() - 1, picture.height() - 1)
    pixels = [picture.pixelColor(x, y) for x in range(picture.width()) for y in range(picture.height())]
    drawn = [p for p in pixels if p != ground]
    return len(drawn), max(drawn, key=lambda p: abs(p.lightness() - ground.lightness()), default=ground)


def inked_width(label):
    picture = label.grab().toImage()
    ground = picture.pixelColor(0, 0)
    rows = range(picture.height())
    columns = [x for x in range(picture.width()) if any(picture.pixelColor(x, y) != ground for y in rows)]
    return columns[-1] - columns[0]


@pytest.mark.parametrize("mode", ["dark", "light"])
def test_it_is_drawn_in_the_ink_of_the_theme(label, qtbot, qapp, mode):
    assert typeset(qtbot, label, HIMMELBLAU)
    theme.apply(qapp, mode)
    count, colour = ink(label)
    assert count > 200
    wanted = QColor(theme.current().text)
    assert abs(colour.lightness() - wanted.lightness()) < 30
    theme.apply(qapp, "dark")


def test_the_picture_is_sound_svg_without_symbols():
    """QtSvg draws slivers of glyphs that are used from a <symbol>; paths have to be there themselves."""
    root = ET.fromstring(to_svg(r"\begin{pmatrix}a & b\\ c & d\end{pmatrix}"))
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert "path" in tags
    assert not tags & {"symbol", "use"}
    assert INK in ET.tostring(root, encoding="unicode")


def test_it_shrinks_to_the_width_and_grows_back(label, qtbot):
    typeset(qtbot, label, HIMMELBLAU + "+" + HIMMELBLAU)
    full = label.sizeHint()
    assert label.heightForWidth(full.width()) == pytest.approx(full.height(), abs=1)
    assert label.heightForWidth(full.width() * 3 // 4) < full.height()
    assert label.heightForWidth(10 * full.width()) == pytest.approx(full.height(), abs=1)
    label.resize(full.width() + 40, full.height())
    whole = inked_width(label)
    label.resize(full.width() * 3 // 4, full.height())
    assert inked_width(label) == pytest.approx(0.75 * whole, rel=0.02)  # smaller, and nothing is cut off


@pytest.mark.parametrize("latex", [r"\frac{bad", r"\begin{nothing}x", "}{"])
def test_what_cannot_be_read_shows_its_plain_text(label, qtbot, latex):
    assert not typeset(qtbot, label, latex, "plain words")
    assert not label.is_typeset()
    assert ink(label)[0] > 20
    assert label.accessibleName() == latex


def test_a_formula_too_deep_is_given_up_in_time():
    began = time.monotonic()
    with pytest.raises(TooSlow):
        to_svg(NESTED, limit=0.3)
    assert time.monotonic() - began < 5
    with pytest.raises(TooSlow):
        to_svg("x" * 5000)
    assert "path" in to_svg("x")  # and the next one is not harmed


def test_the_limit_holds_where_the_collector_runs_destructors_meanwhile():
    class Noisy:
        def __init__(self):
            self.itself = self

        def __del__(self):
            sum(len(str(k)) for k in range(200))

    old = gc.get_threshold()
    gc.set_threshold(50)
    try:
        for _ in range(5):
            [Noisy() for _ in range(200)]
            with pytest.raises(TooSlow):
                to_svg(NESTED, limit=0.02)
    finally:
        gc.set_threshold(*old)


def test_plain_text_breaks_between_words_where_they_fit(label):
    words = "Four equal minima around one hill, with four saddles between them."
    label.set_formula("", words)
    for width in range(90, 400, 7):
        label.resize(width, 200)
        metrics = label.fontMetrics()
        between = metrics.boundingRect(label.rect(), Qt.TextFlag.TextWordWrap, words).height()
        assert label.heightForWidth(width) == between  # as high as lines of whole words are
    label.set_formula("", "x" * 400)
    assert label.heightForWidth(100) > 3 * label.fontMetrics().height()


def test_the_gui_goes_on_while_a_formula_is_typeset(label, qtbot):
    """Nothing is typeset in the call, and the answer comes on the GUI thread."""
    threads = []
    label.rendered.connect(lambda _ok: threads.append(threading.current_thread()))
    latex = HIMMELBLAU + "+z"
    label.set_formula(latex)
    assert not label.is_typeset()
    qtbot.waitUntil(lambda: bool(threads), timeout=20_000)
    assert threads == [threading.main_thread()]
    assert label.is_typeset()


def test_a_formula_met_before_is_there_at_once(label, qtbot):
    typeset(qtbot, label, HIMMELBLAU)
    label.set_formula("")
    label.set_formula(HIMMELBLAU)
    assert label.is_typeset()


def test_only_the_last_formula_asked_for_is_shown(label, qtbot):
    for k in range(8):
        label.set_formula(f"x^{{{k}}}")
    qtbot.waitUntil(label.is_typeset, timeout=20_000)
    assert label.latex() == "x^{7}"
    assert label._svg == formula._typesetter.known("x^{7}")


def test_a_label_may_go_before_its_formula_comes(qtbot):
    for k in range(5):
        label = FormulaLabel(rf"\sqrt{{y_{k}}}")
        label.deleteLater()
        del label
    formula.shutdown()
    QApplication.sendPostedEvents(None, 0)


@pytest.fixture
def setter():
    setter = Typesetter()
    yield setter
    setter.close()
    setter.process.end()


def waits():
    return [thread for thread in threading.enumerate() if thread.name == "typesetter"]


def test_the_thread_ends_with_the_work_and_the_process_stays(setter):
    done = threading.Event()
    setter.ask("x", lambda *_: None)
    setter.ask("y", lambda *_: done.set())
    assert done.wait(20)
    setter.close()
    assert not waits()
    assert setter.known("x")
    assert setter.known("never asked") is None
    assert psutil.pid_exists(setter.process.pid)


def test_what_nobody_wants_any_more_is_not_typeset(setter):
    done, told = threading.Event(), []
    setter.ask("x_{1}", lambda latex, _: told.append(latex), lambda: False)
    setter.ask("x_{2}", lambda *_: done.set(), lambda: True)
    assert done.wait(20)
    setter.close()
    assert told == []
    assert setter.known("x_{1}") is None
    assert setter.known("x_{2}")


def test_a_process_that_died_is_followed_by_another():
    process = TypesettingProcess()
    first = process.typeset("x")
    before = process.pid
    psutil.Process(before).kill()
    assert process.typeset("x") is None
    assert process.pid is None
    assert process.typeset("x") == first
    assert process.pid != before
    process.end()


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="a process is stopped by a signal of POSIX")
def test_what_is_under_way_does_not_hold_up_the_end(setter):
    began, asked = threading.Event(), []
    setter.process.typeset("x")
    pid = setter.process.pid
    os.kill(pid, signal.SIGSTOP)  # as good as an endless formula
    setter.ask("y", lambda latex, svg: asked.append((latex, svg)), lambda: began.set() or True)
    assert began.wait(20)
    setter.close()
    assert asked == [("y", "")]
    assert not waits()
    assert not psutil.pid_exists(pid)
    assert setter.known("y") is None  # it may be asked for again


def test_where_no_process_can_be_had_formulas_are_typeset_all_the_same(monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(sys, "frozen", True, raising=False)
        process = TypesettingProcess()
        assert "path" in process.typeset("x^2")
        assert process.typeset(r"\frac{bad") == ""
        assert process.pid is None


def test_the_process_ends_with_the_one_that_started_it():
    code = (
        "from gradlab.ui.typesetting import TypesettingProcess as P; p = P(); p.typeset('x'); print(p.pid, flush=True)"
    )
    ends = {"; import os; os._exit(0)": "it crashed", "": "it ended"}
    for end, how in ends.items():
        out = subprocess.run(
            [sys.executable, "-c", code + end], capture_output=True, text=True, check=True, timeout=120
        )
        with contextlib.suppress(psutil.NoSuchProcess):
            psutil.Process(int(out.stdout)).wait(20)
        assert not psutil.pid_exists(int(out.stdout)), how
        assert out.stderr == "", how


def test_a_label_wants_the_formula_it_shows_as_long_as_it_lives(qapp):
    label = FormulaLabel()
    one = weakref.ref(label)
    label.set_formula("x_{3}")
    assert formula._wants(one, "x_{3}")
    label.set_formula("x_{4}")
    assert not formula._wants(one, "x_{3}")
    label.deleteLater()
    QApplication.sendPostedEvents(label, QEvent.Type.DeferredDelete)
    del label
    gc.collect()
    assert not formula._wants(one, "x_{4}")
    formula.shutdown()


def test_formulas_wait_as_long_as_they_are_held(setter):
    done = threading.Event()
    setter.hold(True)
    setter.ask("x", lambda *_: done.set())
    assert not waits()
    setter.hold(False)
    assert done.wait(20)
    assert setter.known("x")


def test_the_latex_can_be_copied(label, qtbot):
    typeset(qtbot, label, HIMMELBLAU)
    assert label.accessibleName() == HIMMELBLAU
    middle = label.rect().center()
    QApplication.sendEvent(
        label, QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, middle, label.mapToGlobal(middle))
    )
    menu = next(menu for menu in label.findChildren(QMenu) if menu.isVisible())
    assert menu.actions()[0].text() == "Copy LaTeX"
    menu.actions()[0].trigger()
    menu.close()
    assert QApplication.clipboard().text() == HIMMELBLAU


def test_what_typesets_is_not_loaded_into_the_window():
    code = (
        "import sys, gradlab.ui.formula as f, gradlab.ui.spec_form, gradlab.ui.transport, gradlab.ui.error_box\n"
        "assert 'path' in f._typesetter.process.typeset('x')\n"
        "print(*(name in sys.modules for name in ('ziamath', 'torch', 'sympy')))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert out.stdout.split() == ["False", "False", "False"]
