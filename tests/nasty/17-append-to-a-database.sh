#!/bin/bash
# A RUN appends to what an earlier one, or the context, has written: all records are there.
. "$(dirname "$0")/nasty.inc"
under_epoch
program probe
echo record 0 >db
echo 1 >first
cat >Dockerfile <<'D'
FROM alpine:latest
COPY db /var/db
COPY first probe /bin/
RUN cat /bin/first >>/var/db
RUN /bin/probe append /var/db last
RUN cp /var/db /var/db.new && echo two >>/var/db.new && mv /var/db.new /var/db
D
expect ran ran ran
echo 2 >first
expect ran ran ran
equal "$(in_image var/db)" $'record 0\n2\nlasttwo'
echo 'another record' >>db
expect ran ran ran
equal "$(in_image var/db)" $'record 0\nanother record\n2\nlasttwo'
