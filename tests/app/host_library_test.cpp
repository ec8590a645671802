// The host library step over a fake zig: the command line, what is left behind, and the whole text of its errors.
#include "app/host_library.hpp"

#include <gtest/gtest.h>

#include "edge/real_clock.hpp"
#include "edge/real_environment.hpp"
#include "edge/real_file_system.hpp"
#include "support/fake_http_client.hpp"
#include "support/fake_process_runner.hpp"
#include "support/temporary_directory.hpp"

namespace sagebuild {
namespace {

using testing::FakeProcessRunner;
using testing::joined;
using testing::replace_all;
using testing::value_behind;

class HostLibraryStep : public ::testing::Test {
  protected:
    std::string path_of(const std::string& name) const { return directory.path().string() + "/" + name; }
    std::string hide_directory(std::string text) const { return replace_all(std::move(text), directory.path().string(), "DIR"); }

    void SetUp() override {
        ASSERT_TRUE(files.write(path_of("a.fatbin"), "fatbin").has_value());
        processes.programs = {recipe.toolchain + "/zig/zig"};
        processes.answer = [this](const Command& command) {
            if (compiled.exit_code == 0) {
                EXPECT_TRUE(files.write(value_behind(command, "-o"), "library").has_value());
            }
            return compiled;
        };
    }

    std::string run() {
        const Result<> result = run_host_library_step(recipe, edges);
        return result ? "" : hide_directory(render_diagnostics(result.errors()));
    }

    test::TemporaryDirectory directory;
    RealFileSystem files;
    FakeProcessRunner processes;
    RealEnvironment environment;
    RealClock clock;
    testing::FakeHttpClient http;
    Edges edges{files, processes, environment, clock, http};
    HostLibraryRecipe recipe{.package = "sageattention",
                             .toolchain = path_of("toolchain"),
                             .cache = path_of("zig-cache"),
                             .cpu = "aarch64",
                             .sources = {"host/driver.c", "host/units.c", "bind/torch.c"},
                             .include = {"include"},
                             .flags = {"-O2"},
                             .images = {{"sm80_attention", {Arch{8, 0}, Arch{9, 0}}, path_of("a.fatbin")}},
                             .file_name = "_native.so",
                             .output = path_of("libraries/key.so")};
    ProcessResult compiled;
};

TEST_F(HostLibraryStep, ZigLinksSourcesAndImages) {
    EXPECT_EQ(run(), "");
    ASSERT_EQ(processes.commands.size(), 1U);
    EXPECT_EQ(hide_directory(joined(processes.commands[0])),
              "DIR/toolchain/zig/zig cc -target aarch64-linux-gnu.2.17 -O2 -shared -fPIC -fasynchronous-unwind-tables -s "
              "-Wl,-soname,_native.so -Wl,-z,defs -Wl,--build-id=none -Wl,--as-needed -I include -iquote bind -iquote host host/driver.c "
              "host/units.c bind/torch.c DIR/libraries/key.so.work/images.c DIR/libraries/key.so.work/images.S -ldl -lpthread -lm "
              "-o DIR/libraries/key.so.work/_native.so");
    EXPECT_EQ(processes.commands[0].environment.at("ZIG_GLOBAL_CACHE_DIR"), recipe.cache);
    EXPECT_EQ(processes.commands[0].environment.at("ZIG_LOCAL_CACHE_DIR"), recipe.cache);
    EXPECT_EQ(*files.list_recursive(path_of("libraries")), std::vector<std::string>{"key.so"});
}

TEST_F(HostLibraryStep, TheFirstErrorIsQuoted) {
    compiled = {.exit_code = 1,
                .error_output =
                    "host/units.c:3:1: warning: unused\n    3 | x\n      | ^\n"
                    "host/units.c:7:5: error: use of undeclared identifier 'status'\n    7 |     status = 0;\n      |     ^~~~~~\n"
                    "host/units.c:9:5: error: expected expression\n    9 |     )\n      |     ^\n"};
    EXPECT_EQ(run(), R"(error[SB0555]: `_native.so` of package `sageattention` does not compile for aarch64
caused by: `zig cc` ended with exit code 1
note: host/units.c:7:5: error: use of undeclared identifier 'status'
    7 |     status = 0;
      |     ^~~~~~
)");
    EXPECT_EQ(files.list(path_of("libraries"))->size(), 0U);
}

TEST_F(HostLibraryStep, AnAbsentFatbinIsNamed) {
    recipe.images[0].fatbin = path_of("absent.fatbin");
    EXPECT_EQ(run(), "error[SB0501]: cannot read `DIR/absent.fatbin`\ncaused by: No such file or directory\n");
}

}  // namespace
}  // namespace sagebuild
