# The image of production: application and worker, no embedded servers, no compiler, not root.
# PYTHON may name the same release by digest.
ARG PYTHON=python:3.11-slim-bookworm

FROM ${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/bangfu
WORKDIR /build
COPY requirements-prod.lock ./
# Every file is checked against its hash; nothing is built from source.
RUN /opt/bangfu/bin/pip install --require-hashes --only-binary :all: --requirement requirements-prod.lock
# pip has done its work, and an image without it offers less to an intruder.
RUN /opt/bangfu/bin/pip uninstall --yes pip setuptools
RUN printf '#!/opt/bangfu/bin/python\nfrom bootstrap import main\n\nmain()\n' > /opt/bangfu/bin/bangfu \
    && chmod 755 /opt/bangfu/bin/bangfu
WORKDIR /srv/bangfu
COPY bootstrap.py wsgi.py gunicorn_config.py ./
COPY kernel kernel
COPY registry registry
COPY certification certification
COPY procurement procurement
COPY marketplace marketplace
COPY console console
COPY demo demo
COPY migrations migrations
# Compiled once here, not at the start of each container, whose user may not write there.
RUN /opt/bangfu/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/bangfu/lib /srv/bangfu

FROM ${PYTHON} AS run
RUN useradd --system --uid 10001 --home-dir /var/lib/bangfu --create-home bangfu \
    && mkdir -p /var/lib/bangfu/files /var/lib/bangfu/metrics \
    && chown -R bangfu: /var/lib/bangfu
COPY --from=build /opt/bangfu /opt/bangfu
COPY --from=build /srv/bangfu /srv/bangfu
ENV PATH=/opt/bangfu/bin:$PATH \
    PYTHONPATH=/srv/bangfu \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    LANG=C.UTF-8 \
    BANGFU_ENVIRONMENT=production \
    BANGFU_HOME=/var/lib/bangfu \
    PROMETHEUS_MULTIPROC_DIR=/var/lib/bangfu/metrics \
    GUNICORN_CMD_ARGS=--bind=0.0.0.0:8000
WORKDIR /srv/bangfu
USER bangfu
VOLUME ["/var/lib/bangfu/files"]
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["gunicorn", "-c", "gunicorn_config.py", "wsgi:app"]
