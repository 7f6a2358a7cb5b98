"""Which fields of its rows does a request ask for? (`fields` leaves others out, `expand` adds what belongs to a row)"""

from collections.abc import Collection, Mapping
from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

PARAMETERS = ("fields", "expand")


def is_extra(field: Any) -> bool:
    """Whether a field of a serializer is written only where it is expanded."""
    return not (field.required or field.read_only)


def plain(fields: Mapping[str, Any]) -> list[str]:
    """The names of the fields that are written unless others were chosen."""
    return [name for name, field in fields.items() if not is_extra(field)]


def named(request: Request, parameter: str, known: Collection[str]) -> list[str]:
    """The names in a parameter; none when it is not there. Raises ValidationError for one that is not known."""
    asked = [name for name in request.query_params.get(parameter, "").split(",") if name]
    if len(set(asked)) < len(asked):
        raise ValidationError({parameter: "A name stands in it twice."})
    unknown = sorted(set(asked) - set(known))
    if unknown:
        raise ValidationError({parameter: f"Unknown: {', '.join(unknown)[:200]}. Known here: {', '.join(known)}."})
    return asked


def parameters_of(view: Any) -> list[str]:
    """Which of the parameters the view takes."""
    return ["fields", "expand"] if view.expands else ["fields"]


def described(view: Any) -> list[dict[str, Any]]:
    """The parameters of the view as the schema shows them."""
    parameters = {"fields": ("Only these fields, with commas between.", plain(view.get_serializer().fields))}
    if view.expands:
        scopes = ", ".join(f"{name} (`{scope}`)" for name, scope in view.expands.items())
        parameters["expand"] = (f"Also what belongs to a row, and the scope it asks for: {scopes}.", list(view.expands))
    return [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": description,
            "schema": {
                "type": "array",
                "items": {"type": "string", "enum": names},
                "minItems": 1,
                "uniqueItems": True,
            },
            "style": "form",
            "explode": False,
        }
        for name, (description, names) in parameters.items()
    ]
