#!/bin/bash
# A program that is refused by a file's or a directory's mode has learnt the mode, though it never got as far as a stat.
. "$(dirname "$0")/common.inc"
. "$(dirname "$0")/profiles.inc"
cat >Dockerfile <<'D'
FROM golang:latest AS tools
COPY . /w
RUN /w/program >/o1 2>/dev/null || echo refused >/o1
RUN dash -c 'if [ -x /w/script ]; then echo yes; else echo no; fi' >/o2
USER 7
RUN (cat /w/private || echo refused) >/tmp/o3 2>/dev/null
RUN (cat /w/closed/file || echo refused) >/tmp/o4 2>/dev/null
FROM alpine:latest
COPY --from=tools /o1 /o2 /tmp/o3 /tmp/o4 /
D
mkdir closed
printf '#!/bin/sh\necho ran\n' | tee program >script
echo open | tee private >closed/file
chmod 600 private
chmod 700 closed
build
equal "$(in_image o1) $(in_image o3) $(in_image o4)" 'refused refused refused'
chmod 755 program script
build
contains "$t/ninja.log" 'ran RUN /w/program'
contains "$t/ninja.log" 'ran RUN dash'
same_as_clean
chmod 755 closed
chmod 644 private
build
contains "$t/ninja.log" 'ran RUN (cat /w/private'
contains "$t/ninja.log" 'ran RUN (cat /w/closed'
same_as_clean
