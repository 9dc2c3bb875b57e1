# One static binary and nothing else. Not built by us yet: docs/operating.md says why.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o /out/huisboek ./cmd/huisboek \
 && mkdir /out/data /out/erasures

FROM scratch
COPY --from=build /out/huisboek /huisboek
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build --chown=65532:65532 /out/erasures /erasures
COPY LICENSE /LICENSE
USER 65532:65532
# The list of erasures stands outside the data folder: an older copy of the folder must not bring an older list along.
ENV HUISBOEK_DATA=/data HUISBOEK_ERASURES=/erasures/erasures.jsonl
VOLUME ["/data", "/erasures"]
EXPOSE 8080 4222
HEALTHCHECK --interval=30s --timeout=6s --start-period=60s --retries=3 CMD ["/huisboek", "health"]
ENTRYPOINT ["/huisboek"]
CMD ["serve"]
