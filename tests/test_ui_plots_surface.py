"""The surface on screen with real OpenGL: picking, orbiting, what is drawn and kept, and what happens without it."""

from __future__ import annotations

import numpy as np
import plots
import pytest
from plots import bowl, colours, drag, has, painted, pixels, shown, wheel
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from gradlab.ui import gl, theme
from gradlab.ui.plots import fallback, mesh
from gradlab.ui.plots.fallback import NoSurface, make_surface
from gradlab.ui.plots.values import PERSPECTIVE, TOP, Camera, Path, Spot, Start, Swarm

SHIFT = Qt.KeyboardModifier.ShiftModifier


def himmelblau(x, y):
    return np.log1p((x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2)


@pytest.fixture
def opengl(qapp):
    if not gl.gl_available():
        pytest.skip("there is no OpenGL on this screen")


@pytest.fixture
def view(opengl, qtbot):
    made = make_surface()
    x = np.linspace(-5, 5, 121)
    gx, gy = np.meshgrid(x, x)
    made.set_surface(x, x, himmelblau(gx, gy))
    shown(qtbot, made, 620, 520)
    frame(made)
    return made


def frame(view):
    """Return the picture that is on the screen now."""
    view._scene.repaint()
    return view._scene.grabFramebuffer()


def test_the_surface_is_drawn_lit_and_nothing_touches_the_edge(view):
    picture = frame(view)
    assert len(colours(picture, 5)) > 500
    array = pixels(picture)
    ground = np.array(QColor(theme.current().surface).getRgb()[:3])
    for edge in (array[0], array[-1], array[:, 0], array[:, -1]):
        assert np.abs(edge - ground).max() <= 2


@pytest.mark.parametrize("size", [(900, 300), (300, 700), (400, 400)])
@pytest.mark.parametrize("camera", [PERSPECTIVE, TOP, Camera(45, 10), Camera(170, 70)])
def test_it_fits_whatever_the_frame_and_the_side(view, size, camera):
    view.resize(*size)
    view.set_camera(camera)
    painted(view)
    array = pixels(frame(view))
    ground = array[0, 0]
    rows, columns = np.nonzero(np.abs(array - ground).max(axis=2) > 40)
    height, width = array.shape[:2]
    assert rows.min() > 2
    assert rows.max() < height - 2
    assert columns.min() > 2
    assert columns.max() < width - 2
    assert (np.ptp(rows) > 0.6 * height) or (np.ptp(columns) > 0.6 * width)


@pytest.mark.parametrize("camera", [PERSPECTIVE, TOP, Camera(40, 60, 1.5, (0.1, -0.1, 0.0))])
def test_a_click_picks_within_one_percent_of_the_domain(view, qtbot, camera):
    view.set_camera(camera)
    told = []
    view.picked.connect(lambda x, y: told.append((x, y)))
    wanted = [(0.5, 0.5), (-0.3, -0.9), (1.5, 2.5), (-1.0, 1.0)]
    for x, y in wanted:
        px, py = view.to_pixels(x, y)
        at = QPoint(round(px), round(py)) - view._scene.pos()
        QTest.mouseClick(view._scene, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    assert len(told) == len(wanted)
    assert np.abs(np.array(told) - wanted).max() < 0.01 * 10


def test_a_click_beside_the_surface_picks_nothing(view, qtbot):
    with qtbot.assertNotEmitted(view.picked):
        QTest.mouseClick(view._scene, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(5, 5))
    assert view.pick(5, 5) is None


def test_a_drag_orbits_and_never_picks(view, qtbot):
    cameras = []
    view.cameraChanged.connect(cameras.append)
    with qtbot.assertNotEmitted(view.picked):
        drag(view._scene, QPoint(300, 250), QPoint(360, 230))
    assert cameras[-1] == view.camera()
    assert view.camera().azimuth < PERSPECTIVE.azimuth
    assert view.camera().elevation < PERSPECTIVE.elevation
    before = view.camera()
    drag(view._scene, QPoint(300, 250), QPoint(340, 250), keys=SHIFT)
    assert view.camera().azimuth == before.azimuth
    assert view.camera().pan != before.pan


def test_the_ring_of_a_start_is_dragged_over_the_ground_and_the_camera_stands_still(view, qtbot):
    told, camera = [], view.camera()
    view.startMoved.connect(lambda *place: told.append(place))
    view.set_starts([Start(-1, 1, "a"), Start(0.5, 0.5, "b")])
    ring, away = (QPoint(*map(round, view.to_pixels(*at))) - view._scene.pos() for at in ((0.5, 0.5), (-0.3, -0.9)))
    plots.move(view._scene, ring, Qt.MouseButton.NoButton)
    assert view._scene.cursor().shape() == Qt.CursorShape.OpenHandCursor
    with qtbot.assertNotEmitted(view.picked):
        drag(view._scene, ring, away)
    assert {key for key, *_ in told} == {"b"}
    assert [done for *_, done in told] == [False] * (len(told) - 1) + [True]
    np.testing.assert_allclose(told[-1][1:3], (-0.3, -0.9), atol=0.1)
    drag(view._scene, ring, QPoint(2, 2))
    assert view.pick(2, 2) is None
    assert told[-1][3]
    assert np.abs(told[-1][1:3]).max() <= 5
    assert view.camera() == camera
    plots.move(view._scene, away, Qt.MouseButton.NoButton)
    assert view._scene.cursor().shape() == Qt.CursorShape.ArrowCursor


def test_panning_moves_the_surface_with_the_mouse(view):
    x, y = view.to_pixels(0, 0)
    drag(view._scene, QPoint(300, 250), QPoint(340, 235), keys=SHIFT)
    moved = view.to_pixels(0, 0)
    np.testing.assert_allclose(np.subtract(moved, (x, y)), (40, -15), atol=5)


def test_the_wheel_zooms_and_the_keys_do_all_of_it(view):
    wheel(view._scene, QPoint(300, 250))
    assert view.camera().zoom > 1
    QTest.keyClick(view, Qt.Key.Key_R)
    assert view.camera() == PERSPECTIVE
    QTest.keyClick(view, Qt.Key.Key_T)
    assert view.camera() == TOP
    QTest.keyClick(view, Qt.Key.Key_P)
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Plus, Qt.Key.Key_Plus, Qt.Key.Key_Minus):
        QTest.keyClick(view, key)
    camera = view.camera()
    assert camera.azimuth == PERSPECTIVE.azimuth - 5
    assert camera.elevation == PERSPECTIVE.elevation + 5
    assert camera.zoom == pytest.approx(1.15)
    QTest.keyClick(view, Qt.Key.Key_Home)
    assert view.camera() == PERSPECTIVE


def test_setting_the_camera_emits_nothing(view, qtbot):
    with qtbot.assertNotEmitted(view.cameraChanged):
        view.set_camera(Camera(10, 20))
    assert view.camera() == Camera(10, 20)


def test_a_path_follows_the_ground_and_shows_its_colour(view):
    assert not has(frame(view), theme.DARK.traces[4], 20)
    view.set_paths([Path("a", np.array([-3.0, 3.0]), np.array([3.0, -3.0]), 4, "Adam")])
    assert has(frame(view), theme.DARK.traces[4], 20)
    points = view._ways.ways["a"].points
    assert len(points) > 50  # one step of the racer, bent along the surface
    np.testing.assert_allclose(points[:, 2], view._field.on_surface(points[:, :2]), atol=0.012)
    view.set_paths([])
    assert not has(frame(view), theme.DARK.traces[4], 20)


def test_a_path_that_leaves_the_domain_or_breaks_is_drawn_where_it_can_be(view):
    x = np.array([0.0, 1.0, np.nan, 2.0, 2.5, 100.0, np.inf, 3.0])
    view.set_paths(
        [Path("a", x, np.zeros(8), 0), Path("b", np.array([1.0]), np.array([1.0]), 1), Path("c", x[:0], x[:0], 2)]
    )
    frame(view)
    finite = np.isfinite(view._ways.ways["a"].points).all(axis=1)
    assert finite.sum() > 20
    assert 0 < np.flatnonzero(~finite)[0] < np.flatnonzero(finite)[-1]  # the gap is there, and the way goes on behind
    assert list(view._ways.ways) == ["a"]


def test_long_paths_stay_drawable(view):
    rng = np.random.default_rng(0)
    view.set_paths([Path(str(k), *rng.uniform(-5, 5, (2, 20_000)), k) for k in range(3)])
    assert max(len(way.points) for way in view._ways.ways.values()) < 45_000
    frame(view)


def test_marks_in_sight_are_bright_and_those_behind_are_faint(view):
    view.set_spots([Spot(3, 2), Spot(-0.27, -0.92, "maximum"), Spot(np.nan, 0.0)])
    view.set_starts([Start(0.0, 0.0)])
    bright = (pixels(frame(view)) > 250).all(axis=2).sum()
    view.set_spots([])
    view.set_starts([])
    assert bright > (pixels(frame(view)) > 250).all(axis=2).sum() + 20
    field = view._field
    low = np.c_[field.to_scene(np.array([-3.78]), np.array([-3.28])), [0.01]]
    assert field.hidden(low, view.projection().eye, view.projection().towards, flat=False)[0]


def test_holes_are_open_and_swarms_lie_on_the_ground(view):
    x = np.linspace(-5, 5, 81)
    gx, gy = np.meshgrid(x, x)
    z = himmelblau(gx, gy)
    z[30:50, 30:50] = np.nan
    z[0, 0] = np.inf
    view.set_surface(x, x, z)
    view.set_camera(TOP)
    view.set_swarms([Swarm("s", gx[::8, ::8].ravel(), gy[::8, ::8].ravel(), 3)])
    picture = frame(view)
    centre = view._scene.width() // 2
    px, py = view.projection().to_pixels(np.array([[0.0, 0.0, 0.0]]))[0, :2]
    assert picture.pixelColor(round(px), round(py)).name() == theme.current().surface
    assert has(picture, theme.DARK.traces[3], 6)
    assert view.pick(px + 1, py + 1) is None
    assert centre > 0


@pytest.mark.parametrize("z", [np.zeros((9, 9)), np.full((9, 9), np.nan), np.eye(9) * 1e300, np.eye(9) * 5e-324])
def test_no_heights_break_the_drawing(view, z):
    g = np.linspace(-1e-3, 1e-3, 9)
    view.set_surface(1e8 * g, g, z)
    view.set_paths([Path("a", g, g, 0)])
    frame(view)
    assert not view._scene._broken


def test_live_frames_leave_the_iso_lines_for_later(view, qtbot):
    x, z = bowl(101)
    view.set_surface(x, x, z, live=True)
    assert not view._lines._iso.visible()
    qtbot.waitUntil(view._lines._iso.visible)
    heights = view._lines._iso.pos[:, 2]
    assert 10 < len(np.unique(np.round(heights, 5))) <= 16


def test_a_rehearsal_draws_every_item_and_leaves_no_trace(opengl, qtbot, monkeypatch):
    surface, drawn = make_surface(), []
    qtbot.addWidget(surface)
    surface.resize(400, 300)
    x, z = bowl(41)
    surface.set_surface(x, x, z)
    for item in surface._scene.items:
        monkeypatch.setattr(item, "paint", lambda draw=item.paint, item=item: (drawn.append(item), draw()))
    pieces = [len(drawn) for _ in surface.rehearse()]
    assert set(drawn) == {item for item in surface._scene.items if item.visible()}
    assert len(set(pieces)) > 3  # the window breathes between them
    drawn.clear()
    surface.grab()
    assert len(drawn) == len(set(drawn)) == len([item for item in surface._scene.items if item.visible()])


def test_what_moves_leaves_the_scene_as_it_was_drawn(view, monkeypatch):
    drawn = []
    draw = view._scene._draw
    monkeypatch.setattr(view._scene, "_draw", lambda: drawn.append(1) or draw())
    turn = np.linspace(0, 20, 200)
    view.set_paths([Path("a", turn / 5 * np.cos(turn), turn / 5 * np.sin(turn), 4)])
    view.set_spots([Spot(3, 2)])
    view.set_starts([Start(0, 0)])
    view.set_swarms([Swarm("s", turn / 5, turn / 5, 3)])
    picture = frame(view)
    assert has(picture, theme.DARK.traces[4], 20)
    assert has(picture, theme.DARK.traces[3], 6)
    assert not drawn
    view.set_camera(TOP)
    frame(view)
    assert drawn == [1]


@pytest.mark.parametrize("count", [0, 4])
def test_what_a_hill_hides_is_not_painted(opengl, qtbot, monkeypatch, count):
    from gradlab.ui.plots import scene

    monkeypatch.setattr(scene, "samples", lambda: count)
    made = make_surface()
    x = np.linspace(-5, 5, 121)
    gx, gy = np.meshgrid(x, x)
    made.set_surface(x, x, np.exp(-(gx**2) / 2) + 0 * gy)  # a ridge along y
    made.set_camera(Camera(0, 12))  # seen along x, from its greater end
    shown(qtbot, made, 620, 520)
    frame(made)
    assert made._scene.depths().shape == (made._scene.height(), made._scene.width())
    made.set_paths([Path("behind", np.array([-2.5, -2.5]), np.array([-3.0, 3.0]), 4)])
    assert not has(frame(made), theme.DARK.traces[4], 20)
    made.set_paths([Path("before", np.array([2.5, 2.5]), np.array([-3.0, 3.0]), 4)])
    assert has(frame(made), theme.DARK.traces[4], 20)
    made.set_paths([Path("over", np.array([-2.5, 2.5]), np.array([1.0, 1.0]), 4)])
    frame(made)
    way = made._ways.ways["over"].points
    seen = np.isfinite(made._seen().place(way)).all(axis=1)
    field, lens = made._field, made.projection()
    wanted = ~field.hidden(way, lens.eye, lens.towards, flat=lens.flat)
    assert 20 < wanted.sum() < len(way) - 20
    assert (seen == wanted).mean() > 0.95  # against rays cast from each point to the eye


def test_at_rest_the_edges_become_smooth(view, qtbot):
    if not view._scene._rest:
        pytest.skip("the graphics card smooths every frame")
    frame(view)
    qtbot.waitUntil(lambda: view._scene._still is not None)
    still = pixels(frame(view))
    view._scene._rest.stop()
    kept, view._scene._still = view._scene._still, None
    rough = pixels(frame(view))
    assert (np.abs(still - rough).max(axis=2) > 8).mean() > 0.002
    view._scene._still = kept
    view.set_starts([Start(0, 0)])
    assert view._scene._still is kept  # the scene has not changed
    view.set_camera(TOP)
    assert view._scene._still is None


def test_colours_may_mean_something_else_than_height(view):
    x, z = bowl(61)
    view.set_camera(TOP)
    view.set_surface(x, x, z)
    by_height = pixels(frame(view))
    view.set_surface(x, x, z, colour=-z)
    assert np.abs(pixels(frame(view)) - by_height).max() > 60
    view.set_colour_map("magma")
    frame(view)
    with pytest.raises(ValueError, match="not 'jet'"):
        view.set_colour_map("jet")


def test_a_switch_of_theme_recolours_ground_and_walls(view, qapp):
    before = theme.mode()
    try:
        for mode, tokens in (("light", theme.LIGHT), ("dark", theme.DARK)):
            theme.apply(qapp, mode)
            assert has(frame(view), tokens.surface, 0)
    finally:
        theme.apply(qapp, before)


def test_a_failing_driver_is_told_once_and_the_program_goes_on(view, qtbot, monkeypatch, caplog):
    def broken():
        raise RuntimeError("GLError 1282\nand more")

    told = []
    view.failed.connect(told.append)
    monkeypatch.setattr(view._block._mesh, "paint", broken)
    for _ in range(3):
        view._scene.update()
        frame(view)
    assert told == ["RuntimeError: GLError 1282"]
    assert [record.message for record in caplog.records] == ["the surface cannot be drawn"]


def test_heights_and_names_are_told_to_screen_readers_and_tables(view, qtbot):
    view.set_axes("w", "b", "loss")
    view.clearFocus()
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    assert "Surface over w -5 to 5" in view.accessibleDescription()
    columns = view.columns()
    assert list(columns) == ["w", "b", "loss"]
    assert len(columns["loss"]) == 121 * 121
    frame(view)


def test_without_opengl_a_notice_has_the_same_face(qtbot, monkeypatch):
    monkeypatch.setattr(fallback, "gl_available", lambda: False)
    view = make_surface()
    assert isinstance(view, NoSurface)
    shown(qtbot, view, 400, 300)
    x, z = bowl(21)
    view.set_surface(x, x, z, live=True)
    view.set_paths([Path("a", x, x, 0)])
    view.set_starts([Start(0, 0)])
    view.set_spots([Spot(0, 0)])
    view.set_swarms([])
    view.set_axes("x", "y", "f")
    view.set_colour_map("magma")
    view.set_camera(TOP)
    view.reset_view()
    assert view.camera() == TOP
    assert view.pick(3, 3) is None
    assert view.columns() == {}
    assert "OpenGL" in view.findChild(QLabel).text() == view.summary()


def test_the_two_have_the_same_face(opengl):
    from gradlab.ui.plots.surface import SurfaceView

    face = {name for name in vars(SurfaceView) if not name.startswith("_") and not name.endswith("Event")}
    inner = {"grip", "projection", "paint_overlay", "paint_axes", "paint_moving", "axes_key", "to_pixels"}
    inner |= {"paint_marks", "marks_key"}
    assert face - inner <= set(vars(NoSurface))
    assert mesh.HEIGHT > 0


def test_a_racer_that_rests_asks_for_no_frame(view, monkeypatch):
    turn = np.linspace(0, 3, 200)
    way = np.r_[turn, np.full(300, 3.0)], np.r_[turn, np.full(300, 3.0)]
    view.set_paths([Path("a", *way, 4)])
    frame(view)
    asked = []
    monkeypatch.setattr(view._scene, "update_over", lambda: asked.append(1))
    longer = [np.r_[part, np.full(100, 3.0 + 1e-7)] for part in way]
    view.set_paths([Path("a", *longer, 4)])
    assert not asked
    for changed in (
        Path("a", *longer, 3),
        Path("a", *longer, 3, stopped=True),
        Path("a", longer[0], np.r_[longer[1][:-1], 3.1], 3, stopped=True),
        Path("a", *longer, 3, visible=False),
    ):
        asked.clear()
        view.set_paths([changed])
        assert asked


def test_changes_of_one_moment_are_painted_together_and_a_picture_asked_for_is_of_now(view, qtbot, monkeypatch):
    frame(view)
    qtbot.waitUntil(lambda: not view._scene.waits)
    drawn, paint = [], view._scene._draw
    monkeypatch.setattr(view._scene, "_draw", lambda: drawn.append(1) or paint())
    for _ in range(5):
        view._scene.update()
        view._scene.update_over()
    assert view._scene.waits
    view.grab()
    assert len(drawn) == 1  # a picture does not wait for its turn
    view._scene.update()
    qtbot.waitUntil(lambda: len(drawn) == 2)
    qtbot.waitUntil(lambda: not view._scene.waits)
