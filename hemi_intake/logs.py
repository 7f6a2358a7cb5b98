"""What does a log line look like? One JSON object, with the id of the request, and nothing about a customer."""

import logging.config
from typing import Any

import structlog
from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware

_before: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.format_exc_info,
]


class RequestLog(RequestMiddleware):
    """Gives each request an id that all its lines carry, and writes a line when it starts and when it ends."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """The method and path, without the query: staff search for names and e-mail addresses."""
        return f"{request.method} {request.path}"


def configure(options: dict[str, str]) -> None:
    """Send the lines of our code and of all libraries to standard error, from the level given."""
    structlog.configure(
        processors=[*_before, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "json": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": _before,
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        structlog.processors.JSONRenderer(),
                    ],
                },
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
            "root": {"handlers": ["stderr"], "level": options["level"]},
            "loggers": {
                # It writes what was typed into the login form and from which address.
                "axes": {"level": "CRITICAL"},
                # The request log has said it already, without the query.
                "django.server": {"level": "ERROR"},
            },
        }
    )
