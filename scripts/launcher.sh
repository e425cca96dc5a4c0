#!/bin/sh
# Finds the Node that came with Berth and runs @NAME@ on it, from any working directory and under any PATH.
self=$0
while [ -L "$self" ]; do
  target=$(/usr/bin/readlink "$self")
  case $target in
    /*) self=$target ;;
    *) self=${self%/*}/$target ;;
  esac
done
case $self in
  */*) here=${self%/*} ;;
  *) here=$(command -v "$self"); here=${here%/*} ;;
esac
export NODE_OPTIONS= NODE_PATH=
exec "$here/../libexec/node" --disable-warning=ExperimentalWarning "$here/../lib/@NAME@.js" "$@"
