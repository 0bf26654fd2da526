#!/bin/bash
# RUN --mount=type=ssh reaches an agent outside: keys are listed and used, nothing else is done to the agent.
. "$(dirname "$0")/common.inc"
type ssh-agent ssh-add ssh-keygen >/dev/null 2>&1 || skip 'needs openssh-client'
eval "$(ssh-agent -a "$t/agent")" >/dev/null
trap 'kill "$SSH_AGENT_PID"; cleanup' EXIT
ssh-keygen -q -t ed25519 -N '' -C kasane -f "$t/key"
ssh-add -q "$t/key"
cat >Dockerfile <<'D'
FROM golang:latest AS ask
COPY <<'P' /ask
use IO::Socket::UNIX;
my $agent = IO::Socket::UNIX->new($ENV{SSH_AUTH_SOCK}) or die;
print $agent pack("N/a*", chr($ARGV[0]));
$agent->flush;
read $agent, my $size, 4;
read $agent, my $answer, unpack("N", $size);
print $answer;
P
RUN --mount=type=ssh,uid=7,mode=0640 stat -c '%a %u' "$SSH_AUTH_SOCK" >/out; \
  perl /ask 11 | grep -ao kasane >>/out; perl /ask 19 | od -An -tx1 >>/out
FROM scratch
COPY --from=ask /out /out
D
build --ssh default
equal "$(in_image out)" $'640 7\nkasane\n 05'
ssh-add -l >/dev/null || fail 'the RUN has removed the key'
# A key in a file: an agent of our own.
sed -i 's/perl .ask 11/: again; &/' Dockerfile
build --ssh default="$t/key"
equal "$(in_image out)" $'640 7\nkasane\n 05'
# None is given.
sed -i 's/type=ssh,/type=ssh,required,/' Dockerfile
generate
if ninja image >"$t/ninja.log" 2>&1; then fail 'it ran without its agent'; fi
contains "$t/ninja.log" 'the ssh agent default is required'
