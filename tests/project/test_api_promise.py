"""Does the committed schema say what the code does, and does it take back nothing that it promised?"""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer

ROOT = Path(__file__).resolve().parents[2]
COMMITTED = ROOT / "docs" / "openapi.yaml"
Schema = dict[str, Any]


def broken(before: Schema, after: Schema) -> list[str]:
    """What a client of the one document would miss in the other: operations, answers, fields, values."""
    lost: list[str] = []
    for path, methods in before["paths"].items():
        for method, operation in methods.items():
            now = after["paths"].get(path, {}).get(method)
            if now is None:
                lost.append(f"{method} {path}")
                continue
            lost += [f"{method} {path}: {code}" for code in operation["responses"] if code not in now["responses"]]
            known = {(one["in"], one["name"]) for one in operation.get("parameters", [])}
            new = {(one["in"], one["name"]): one for one in now.get("parameters", [])}
            lost += [f"{method} {path}: parameter {name}" for where, name in sorted(known - new.keys())]
            lost += [
                f"{method} {path}: parameter {name} is now required"
                for (where, name), one in sorted(new.items())
                if one.get("required") and (where, name) not in known
            ]
    theirs = after["components"]["schemas"]
    for name, schema in before["components"]["schemas"].items():
        if name not in theirs:
            lost.append(name)
        else:
            lost += _narrowed(name, schema, theirs[name], sent="Body" in name or "Change" in name)
    return lost


def _narrowed(name: str, before: Schema, after: Schema, *, sent: bool) -> list[str]:
    lost = [f"{name} is no {before['type']} any more"] if before.get("type") != after.get("type") else []
    if not sent:
        lost += [f"{name}: {field} may be missing" for field in _more(before, after, "required")]
    else:
        lost += [f"{name}: {field} is now required" for field in _more(after, before, "required")]
    if sent:
        lost += [f"{name}: no {value} any more" for value in _more(before, after, "enum")]
    for field, inner in before.get("properties", {}).items():
        now = after.get("properties", {}).get(field)
        lost += [f"{name}.{field}"] if now is None else _narrowed(f"{name}.{field}", inner, now, sent=sent)
    return lost


def _more(one: Schema, other: Schema, what: str) -> list[str]:
    return [str(value) for value in one.get(what, []) if what in one and value not in other.get(what, [])]


def made() -> str:
    generator: Any = SchemaGenerator()  # type: ignore[no-untyped-call]
    renderer: Any = OpenApiYamlRenderer()
    return str(renderer.render(generator.get_schema(request=None, public=True)).decode())


def test_the_committed_schema_is_the_one_that_the_code_makes() -> None:
    # `manage.py spectacular --file docs/openapi.yaml` writes it anew.
    assert COMMITTED.read_text() == made()


def last_release() -> str | None:
    """The schema of the newest tag that this commit descends from; None before the first release."""
    git = shutil.which("git") or "git"
    describe = [git, "describe", "--tags", "--abbrev=0"]
    tag = subprocess.run(describe, check=False, cwd=ROOT, capture_output=True, text=True)
    if tag.returncode:
        return None
    shown = [git, "show", f"{tag.stdout.strip()}:docs/openapi.yaml"]
    return subprocess.run(shown, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_nothing_is_taken_back_that_the_last_release_promised() -> None:
    promised = last_release()
    if promised is None:
        pytest.skip("there is no release yet")

    assert broken(yaml.safe_load(promised), yaml.safe_load(made())) == []


def document(**order: Any) -> Schema:
    fields = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}} | order
    return {"paths": {"/o/": {"get": {"responses": {"200": {}}}}}, "components": {"schemas": {"Order": fields}}}


@pytest.mark.parametrize(
    ("after", "lost"),
    [
        (document(), []),
        (document(properties={"id": {"type": "integer"}, "more": {"type": "string"}}), []),
        (document(properties={}), ["Order.id"]),
        (document(properties={"id": {"type": "string"}}), ["Order.id is no integer any more"]),
        (document(required=[]), ["Order: id may be missing"]),
        (document() | {"paths": {}}, ["get /o/"]),
    ],
)
def test_what_is_removed_or_narrowed_is_found(after: Schema, lost: list[str]) -> None:
    assert broken(document(), after) == lost
