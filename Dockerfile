# Build with everything, ship what runs: the official slim Node instead of the pinned package, an
# external PostgreSQL instead of the embedded one.
FROM node:26-slim AS build
WORKDIR /postern
COPY package.json package-lock.json ./
RUN npm ci --omit=optional --ignore-scripts
COPY . .
RUN npm run build && npm prune --omit=dev --omit=optional --ignore-scripts

FROM node:26-slim
ENV NODE_ENV=production POSTERN_HOST=0.0.0.0
WORKDIR /postern
COPY --from=build /postern/node_modules node_modules
COPY --from=build /postern/dist dist
COPY --from=build /postern/package.json ./
USER node
EXPOSE 3025
ENTRYPOINT ["node", "--enable-source-maps", "dist/src/main.js"]
