#!/bin/sh
# Trains the AOT cache of the program: runs the training with the options that ship, and leaves the stamp by which the
# launcher tells whether a build is older than its sources. Called by the build of app, at package.
# Usage: train-aot.sh JAVA_HOME PROGRAM-FOLDER OPTIONS-FOLDER BUILD-START (yyyyMMddHHmm.ss, UTC)
set -eu
java_home=$1
program=$2
options=$3
start=$4
cache=$program/spegel.aot

# The cache holds for these very files of these very times; without a change there is nothing to train.
if [ ! -f "$cache" ] || [ -n "$(find "$program" "$options" -newer "$cache" \( -name '*.jar' -o -name '*.options' \) -print)" ]; then
  rm -f "$cache"
  "$java_home/bin/java" "@$options/common.options" "@$options/registry.options" \
    "-XX:AOTCacheOutput=$cache.new" -cp "$program/spegel.jar" spegel.app.training.Training
  mv "$cache.new" "$cache"
fi
TZ=UTC touch -t "$start" "$program/built"
