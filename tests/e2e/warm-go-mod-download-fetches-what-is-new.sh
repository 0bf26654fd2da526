#!/bin/bash
# The usual two RUNs of a Go stage: after an edit of go.mod both find what they had, and the program is a clean build's.
. "$(dirname "$0")/common.inc"
democice
cat >Dockerfile <<'D'
FROM golang:latest AS build
ENV GOPROXY=https://goproxy.cn,direct GOFLAGS=-mod=mod GOSUMDB=off CGO_ENABLED=0
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN go build -trimpath -o /app .
FROM alpine:latest
COPY --from=build /app /
D
export SOURCE_DATE_EPOCH=1700000000
build "${democice_options[@]}"
echo '// a comment' >>go.mod
sed -i 's/pong/PONG/' main.go
build "${democice_options[@]}"
equal "$(grep -c '^ran RUN go .*, warm go-build: ' "$t/ninja.log")" 2
if grep -q 'go: downloading' "$t/ninja.log"; then fail 'modules were fetched again'; fi
digest=$(image_digest)
mkdir "$t/cold"
tar -C "$ctx" --exclude=./.kasane --exclude=./build.ninja -cf - . | tar -C "$t/cold" -xf -
cd "$t/cold"
new_store "$t/cold-store"
KASANE_STORE=$t/cold-store build --no-warm "${democice_options[@]}"
equal "$(KASANE_STORE=$t/cold-store image_digest)" "$digest"
