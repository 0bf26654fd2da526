#!/bin/sh
exec npm ci --offline --no-audit --no-fund --no-update-notifier
