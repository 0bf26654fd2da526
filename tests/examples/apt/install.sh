#!/bin/sh
# Packages of the context, as they would come from a repository.
set -e
export DEBIAN_FRONTEND=noninteractive
apt-get install -y --no-install-recommends ./debs/*.deb
