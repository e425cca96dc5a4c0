// /etc/hosts, /etc/hostname and /etc/resolv.conf of one container, as text.
#pragma once

#include <string>

#include "runtime/plan.h"

namespace berth::runtime {

std::string hosts_file(const Plan& plan);
std::string hostname_file(const Plan& plan);
// Names are asked of 127.0.0.11 where the container has a network of its own; else of the host's servers.
std::string resolv_conf_file(const Plan& plan);

}  // namespace berth::runtime
