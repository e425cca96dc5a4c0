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
# What is compiled once is kept for the next run of the command line; only in a home that is the caller's own,
# for root must not run what somebody else has left there.
if [ "@NAME@" = berth ] && [ -n "$HOME" ] && [ -O "$HOME" ]; then
  export NODE_COMPILE_CACHE="$HOME/.cache/berth/compiled"
fi
# The helper is there all day and mostly waits: memory matters more to it than the last bit of speed.
if [ "@NAME@" = berthd ]; then
  set -- "$here/../lib/@NAME@.js" "$@"
  exec "$here/../libexec/node" --disable-warning=ExperimentalWarning --optimize-for-size --max-semi-space-size=1 "$@"
fi
exec "$here/../libexec/node" --disable-warning=ExperimentalWarning "$here/../lib/@NAME@.js" "$@"
