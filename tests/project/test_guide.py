"""Does the guide for staff show every picture that is taken, and say what the pages say?"""

import re
from pathlib import Path

import pytest

from orders.templatetags import formatting
from orders.timeline.wording import GLOSSARY
from tests.screenshots.shots import SHOTS

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "guide.md").read_text()


def test_every_picture_that_is_taken_stands_in_the_guide_and_is_there() -> None:
    shown = re.findall(r"!\[[^\]]+\]\(guide/([\w-]+)\.png\)", GUIDE)

    assert sorted(shown) == sorted(shot.name for shot in SHOTS)
    pictures = {picture.stem: picture.stat().st_size for picture in (ROOT / "docs" / "guide").glob("*.png")}
    assert sorted(pictures) == sorted(shown)
    assert sum(pictures.values()) < 3_000_000


def test_the_guide_explains_words_as_the_pages_do() -> None:
    assert dict(re.findall(r"^\| ([a-z][a-z -]*) \| (.+) \|$", GUIDE.partition("## Glossary")[2], re.MULTILINE)) == (
        GLOSSARY | {"word": "means"}
    )


@pytest.mark.parametrize("word", sorted(GLOSSARY))
def test_a_word_is_explained_where_it_stands(word: str) -> None:
    assert formatting.help(word) == {"word": word, "means": GLOSSARY[word]}
