#!/bin/bash
# Who a name is, and where its home lies, we read ourselves from the tree: no process of the RUN asks for it.
. "$(dirname "$0")/nasty.inc"
under_epoch
echo 1000:1000::/home/a >who
cat >Dockerfile <<'D'
FROM alpine:latest
COPY who /who
RUN echo "someone:x:$(cat /who):/bin/sh" >>/etc/passwd
USER someone
RUN echo home is $HOME >/tmp/home
D
expect ran ran
echo 1000:1000::/home/b >who
expect ran ran
equal "$(in_image tmp/home)" 'home is /home/b'
echo 1001:1000::/home/b >who
expect ran ran
equal "$(image_stat tmp/home)" '644 1001:1000 16'
echo 1001:7::/home/b >who
expect ran ran
equal "$(image_stat tmp/home)" '644 1001:7 16'
