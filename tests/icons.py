"""Cut the icon font down to the icons that pages draw: `make icons`, after an icon was added.

The whole font weighs 290 kB, which every first visit would load for some fifty icons.
"""

import re
import sys
from io import BytesIO
from pathlib import Path

import unfold
from fontTools import subset
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parents[1]
NAME = "unfold/fonts/material-symbols/Material-Symbols-Outlined.woff2"
CUT = ROOT / "hemi_intake" / "assets" / NAME
PACKAGE = Path(unfold.__file__).parent
DRAWN = re.compile(r"material-symbols-outlined[^>]*>([^<]*)<")
TAGS = re.compile(r"\{[%{][^}]*\}")
WORD = re.compile(r"[a-z][a-z0-9_]*")
NAMED = re.compile(r"\bicon=\"([a-z][a-z0-9_]*)\"")
OURS = re.compile(r"_Entry\(\"[^\"]+\", \"([a-z0-9_]+)\"|\"SITE_SYMBOL\": \"([a-z0-9_]+)\"")


def icons() -> set[str]:
    """The names of all icons that a template or the menu may draw."""
    ours = (ROOT / "hemi_intake" / name for name in ("menu.py", "appearance.py"))
    found = {one for file in ours for pair in OURS.findall(file.read_text()) for one in pair if one}
    for folder in (ROOT / "templates", PACKAGE / "templates"):
        for template in folder.rglob("*.html"):
            text = template.read_text()
            # A template may draw one of two icons.
            found |= {word for inside in DRAWN.findall(text) for word in WORD.findall(TAGS.sub(" ", inside))}
            found |= set(NAMED.findall(text))
    return found


def glyphs(font: TTFont) -> dict[str, str]:
    """The icons of a font by name, each with its glyph: a name is drawn as one glyph, as letters are in "ffi"."""
    letters = {glyph: chr(code) for code, glyph in font.getBestCmap().items()}
    return {
        "".join(letters.get(glyph, "?") for glyph in (first, *ligature.Component)): ligature.LigGlyph
        for lookup in font["GSUB"].table.LookupList.Lookup
        for table in lookup.SubTable
        for first, each in getattr(getattr(table, "ExtSubTable", table), "ligatures", {}).items()
        for ligature in each
    }


def cut() -> bytes:
    """The font with these icons alone; the same bytes from the same package."""
    font = TTFont(PACKAGE / "static" / NAME, recalcTimestamp=False)
    drawn = glyphs(font)
    options = subset.Options(flavor="woff2", layout_closure=False, layout_features=["*"], recalc_timestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(glyphs=[drawn[name] for name in sorted(icons())], text="abcdefghijklmnopqrstuvwxyz0123456789_")
    subsetter.subset(font)
    written = BytesIO()
    font.flavor = "woff2"
    font.save(written)
    return written.getvalue()


if __name__ == "__main__":
    CUT.parent.mkdir(parents=True, exist_ok=True)
    CUT.write_bytes(cut())
    sys.stdout.write(f"{CUT.relative_to(ROOT)}: {len(icons())} icons, {CUT.stat().st_size} bytes\n")
