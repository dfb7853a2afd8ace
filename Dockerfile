# A static binary and the certificates it trusts: no shell, no package manager, not root. Time zones are in the binary.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /ppmrelay ./cmd/ppmrelay
RUN mkdir /data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /ppmrelay /ppmrelay
COPY --from=build --chown=65532:65532 /data /data
USER 65532:65532
WORKDIR /data
VOLUME /data
ENV PPMRELAY_CONFIG=/data/ppmrelay.yaml
EXPOSE 8080
ENTRYPOINT ["/ppmrelay"]
CMD ["serve"]
