# queuewatch as an image: docker build -t queuewatch . (docker-compose.yml does it for you)
FROM python:3.12.11-slim-bookworm AS build
WORKDIR /src
COPY . .
RUN pip wheel --no-cache-dir --disable-pip-version-check --wheel-dir /wheels \
    --constraint constraints.txt '.[mqtt,mail,fast]'

FROM python:3.12.11-slim-bookworm
LABEL org.opencontainers.image.title="queuewatch" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# No package index is asked here: exactly what was built above is installed.
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --disable-pip-version-check --no-index --find-links /wheels 'queuewatch[mqtt,mail,fast]' \
    && groupadd --system --gid 10001 queuewatch \
    && useradd --system --uid 10001 --gid 10001 --no-create-home queuewatch \
    && install -d -o 10001 -g 10001 -m 750 /var/lib/queuewatch /access
USER 10001:10001
WORKDIR /var/lib/queuewatch
VOLUME /var/lib/queuewatch
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/readyz', timeout=4)"]
ENTRYPOINT ["python", "-m", "queuewatch"]
CMD ["serve"]
