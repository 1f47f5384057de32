# syntax=docker/dockerfile:1
# One image for everything: `serve` (the default), `web`, `worker` and every other command.
# What is read at build time is pinned by package-lock.json; nothing is fetched when it runs.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY . .
RUN npm ci --include=dev --no-audit --no-fund
RUN npm run build
RUN npm ci --omit=dev --workspace=apps/server --workspace=packages/contracts --workspace=packages/migrate --no-audit --no-fund
RUN rm -rf .git .runtime apps/server/src/testing apps/web/src apps/web/public tests tools

FROM node:24.21.0-bookworm-slim
# tini collects what orphans leave; pdftotext reads large PDFs faster than the reader within.
RUN apt-get update && apt-get install --yes --no-install-recommends tini poppler-utils && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 10001 studioops && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin studioops
RUN mkdir --mode=0700 /data && chown studioops:studioops /data
COPY --from=build /app /app
WORKDIR /app
ENV NODE_ENV=production HOST=0.0.0.0 SINGLE_PORT=true STUDIOOPS_DATA_DIR=/data TZ=UTC
USER 10001:10001
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s --retries=3 CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT ?? 8080}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["tini", "--", "node", "apps/server/src/cli/studioops.ts"]
CMD ["serve"]
