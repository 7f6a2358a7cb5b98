"""What does the OpenAPI document say of every endpoint? How to show the key, and which problems to expect."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse

from hemi_intake.api.problems import KINDS, MEDIA_TYPE, Problem


class ProblemsDeclared(AutoSchema):
    """Declares the problems of an endpoint beside its answer."""

    def get_response_serializers(self) -> Any:
        answer = super().get_response_serializers()
        statuses = [400, 401, 404, 406] if getattr(self.view, "detail", False) else [400, 401, 406]
        problems = {(status, MEDIA_TYPE): OpenApiResponse(Problem, KINDS[status][1]) for status in statuses}
        return {200: answer, **problems}


class KeyDeclared(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes the key to the document and to the page to try it."""

    target_class = "integrations.api.access.ApiKeyAuthentication"
    name = "ApiKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "A key from `manage.py create_api_key`."}
