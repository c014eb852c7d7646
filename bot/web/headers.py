"""What every answer tells the browser: run nothing, keep nothing, show this in no frame, tell nobody where one was."""

POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
}

# A browser draws a PDF with what is its own, which the policy for pages would forbid.
FOR_DOCUMENTS = {"Content-Security-Policy": "frame-ancestors 'none'"}
