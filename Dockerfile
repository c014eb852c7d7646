# The product as one image: `docker build -t kundportal .`, then run it with the settings of .env.example.
# For production, name the base by its digest, so that the same build is the same image (docs/security.md).
ARG BASE=python:3.13-slim

FROM ${BASE} AS build
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_NO_CACHE=1
WORKDIR /build
COPY pyproject.toml requirements.lock ./
# What installs and builds comes by its lines of the lock too, and stays behind in this stage.
RUN awk '/^[a-z0-9]/ { keep = /^(uv|hatchling|packaging|pathspec|pluggy|tomlkit|trove-classifiers)==/ } keep' \
        requirements.lock > tools.lock \
    && pip install --no-cache-dir --no-deps --require-hashes -r tools.lock
# What runs: the dependencies, and the extra that is asked for (`--build-arg EXTRA=otel`), in the lock's versions, by the
# lock's hashes.
ARG EXTRA=
RUN uv venv --python "$(command -v python)" /opt/kundportal \
    && uv pip install --python /opt/kundportal --require-hashes --constraint requirements.lock -r pyproject.toml \
        ${EXTRA:+--extra "$EXTRA"}
COPY README.md LICENSE app.yaml ./
COPY core core
COPY notifications notifications
COPY bot bot
RUN uv build --wheel --no-build-isolation --python "$(command -v python)" --out-dir dist \
    && uv pip install --python /opt/kundportal --no-deps dist/*.whl

FROM ${BASE}
RUN useradd --system --create-home --home-dir /data kundportal
COPY --from=build /opt/kundportal /opt/kundportal
ENV PATH=/opt/kundportal/bin:$PATH PYTHONUNBUFFERED=1 DATABASE_URL=sqlite:////data/kundportal.db
USER kundportal
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["kundportal", "serve", "--host", "0.0.0.0", "--port", "8000"]
