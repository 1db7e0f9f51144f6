# Pitwall, to run beside the engine that it drills: see docker-compose.yml.
# BUILD_BASE needs npm and a compiler; BASE only Node.js of the same major version and the same C library.
ARG BASE=node:22-slim
ARG BUILD_BASE=node:22

FROM ${BUILD_BASE} AS build
WORKDIR /build
COPY package.json package-lock.json tsconfig.json tsconfig.build.json ./
COPY src src
# Where npm's registry is out of reach, `vendor` brings dist and node_modules ready-made (demo/images/pitwall.mjs fills it). The brackets make
# it a pattern, which may match nothing.
COPY vendo[r] vendor
RUN if [ -d vendor/node_modules ]; then mv vendor/node_modules vendor/dist .; \
    else npm ci && npm run build && npm prune --omit=dev; fi

FROM ${BASE}
WORKDIR /app
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist dist
COPY package.json ./
COPY helper helper
COPY assets assets
COPY drills drills
# A volume that is mounted here takes over its owner.
RUN mkdir -p /var/lib/pitwall && chown node:node /var/lib/pitwall && chmod 700 /var/lib/pitwall
USER node
ENV NODE_ENV=production PITWALL_HOME=/var/lib/pitwall
VOLUME /var/lib/pitwall
EXPOSE 7500
# Whatever this image runs as, no drill may touch it.
LABEL pitwall.skip=true
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["node", "-e", \
    "fetch(`http://127.0.0.1:${process.env.PITWALL_API_PORT || 7500}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/dist/main.js"]
CMD ["serve"]
