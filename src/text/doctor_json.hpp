#pragma once

#include <string>

#include "core/doctor_report.hpp"

namespace sagebuild {

/// docs/doctor.md describes it; `environment` has the fields of `select --environment`.
std::string render_doctor_json(const DoctorReport& report);

}  // namespace sagebuild
