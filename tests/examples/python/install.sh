#!/bin/sh
exec pip install --no-index --no-compile --disable-pip-version-check --find-links=wheels --target=/site -r requirements.txt
