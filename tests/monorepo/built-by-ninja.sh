#!/bin/bash
# Plain ninja: the repository's build.ninja takes the image's in; the server need not be there when gen runs.
. "$(dirname "$0")/monorepo.inc"
configure() { generate -t mono/app:1 --build-context bin=out --generated out/server deploy; }
make_all() { ninja; }
layout() { echo deploy/.kasane/out/oci; }
walk

# Another image is FROM this one: its graph is made anew when this one's layout has changed.
generate --build-context app=oci-layout://deploy/.kasane/out/oci derived
sed -i 's/^build all: phony/kasane = derived\/\nsubninja derived\/.kasane\/image.ninja\n& derived\/image/' build.ninja
sed -i 's/^build build.ninja: phony/& derived\/.kasane\/stamp/' build.ninja
all_built
equal "$("$RUN_IMAGE" derived/.kasane/out/oci /usr/bin/server)" 'server two'
all_built
sed -i 's/server two/server three/' server/server.cc
all_built
equal "$("$RUN_IMAGE" derived/.kasane/out/oci /usr/bin/server)" 'server three'
all_built
equal "$(did ran)$(did hit)" ''
