#include "cli/commands.hpp"

#include "cli/bake.hpp"
#include "cli/build.hpp"
#include "cli/doctor.hpp"
#include "cli/explain.hpp"
#include "cli/index.hpp"
#include "cli/matrix.hpp"
#include "cli/release.hpp"
#include "cli/requirements.hpp"
#include "cli/select.hpp"
#include "cli/step.hpp"
#include "cli/wheel.hpp"

namespace sagebuild {

void register_commands(CLI::App& app, Application& application) {
    register_bake(app, application);
    register_build(app, application);
    register_doctor(app, application);
    register_explain(app, application);
    register_index(app, application);
    register_matrix(app, application);
    register_release(app, application);
    register_requirements(app, application);
    register_select(app, application);
    register_step(app, application);
    register_wheel(app, application);
}

}  // namespace sagebuild
