#!/bin/bash
# Plain ninja: the repository's build.ninja takes the image's in; the server need not be there when gen runs.
. "$(dirname "$0")/monorepo.inc"
configure() { generate -t "$app_name" --build-context bin=out --generated out/server deploy; }
make_all() { ninja; }
layout() { echo deploy/.kasane/out/oci; }
walk
pushed_by ninja deploy/push

# Another image is FROM this one: its edges read this one's.
generate --build-context app=build://deploy derived
sed -i 's/^build all: phony/kasane = derived\/\nsubninja derived\/.kasane\/image.ninja\n& derived\/image/' build.ninja
sed -i 's/^build build.ninja: phony/& derived\/.kasane\/stamp/' build.ninja
layout() { echo derived/.kasane/out/oci; }
derived
sed -i 's/^ENTRYPOINT/ENV GREETING=hello\n&/' deploy/Dockerfile # what is FROM it has another graph now
all_built
skopeo inspect --config "oci:$(layout)" >"$t/config"
contains "$t/config" GREETING=hello
