"""The API described in a browser, by Swagger UI served whole from here: no other host is asked for anything."""

import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import fastapi_offline
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

STATIC = Path(fastapi_offline.__file__).parent / "static"
FILES = ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png")

# Addresses are relative to the page's own, so that they hold behind a proxy that serves all of this below a path.
PAGE = bytes(
    get_swagger_ui_html(
        openapi_url="openapi.json",
        title="Kundportal",
        swagger_js_url="docs/swagger-ui-bundle.js",
        swagger_css_url="docs/swagger-ui.css",
        swagger_favicon_url="docs/favicon.png",
        # Else a validator of Swagger's own is asked what it thinks of the document.
        swagger_ui_parameters={"validatorUrl": None},
    ).body
)


def _policy() -> str:
    """Let nothing run but Swagger UI and the lines that start it, by their hash, and nothing leave for elsewhere."""
    started = b"".join(re.findall(rb"<script>(.*?)</script>", PAGE, re.DOTALL))
    scripts = f"'self' 'sha256-{b64encode(sha256(started).digest()).decode()}'"
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {scripts}",
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "form-action 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


HEADERS = {
    "Content-Security-Policy": _policy(),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def docs_routes() -> list[Route]:
    """The page and the files that it is made of."""
    files = (Route(f"/docs/{name}", _file, include_in_schema=False) for name in FILES)
    return [Route("/docs", _page, include_in_schema=False), *files]


async def _page(request: Request) -> Response:  # noqa: ARG001 - Starlette's signature
    return Response(PAGE, media_type="text/html", headers=HEADERS)


async def _file(request: Request) -> Response:
    name = Path(request.url.path).name
    return FileResponse(STATIC / name, headers=HEADERS | {"Cache-Control": "public, max-age=3600"})
