"""Does the font that pages load hold every icon that a page draws, and is a first visit light?"""

from fontTools.ttLib import TTFont

from tests.icons import CUT, cut, glyphs, icons

FONTS = CUT.parents[1]


def test_every_icon_that_a_page_draws_is_in_the_font() -> None:
    assert icons() - glyphs(TTFont(CUT)).keys() == set()


def test_the_font_is_the_one_that_make_icons_cuts() -> None:
    assert CUT.read_bytes() == cut()


def test_two_weights_of_text_are_loaded() -> None:
    assert (FONTS / "inter" / "styles.css").read_text().count("@font-face") == 2
