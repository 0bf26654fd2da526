#!/bin/sh
exec cmake --build /build
