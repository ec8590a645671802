#include "text/variants_json.hpp"

#include <gtest/gtest.h>

#include "support/example_wheel.hpp"
#include "support/golden.hpp"
#include "text/compat_yaml.hpp"
#include "text/zip.hpp"

namespace sagebuild {
namespace {

PublishedWheel wheel_named(const std::string& file) {
    static const Compat compat = parse_compat(embedded_compat_files()).value();
    PublishedWheel wheel;
    wheel.name = parse_wheel_name(file).value();
    wheel.facts = read_wheel_facts(wheel.name, compat);
    wheel.torch = wheel.facts.torch;
    wheel.cuda = wheel.facts.cuda;
    return wheel;
}

TEST(VariantsJson, SaysWhatAWheelNeeds) {
    PublishedWheel wheel = wheel_named("sageattention-2.2.0-280.129-cp312-cp312-linux_x86_64.whl");
    wheel.wheel.content.emplace();
    wheel.wheel.content->images = {
        {parse_arch("8.0").value(), false, true}, {parse_arch("9.0a").value(), false, true}, {parse_arch("12.0").value(), true, true}};
    const auto variant = describe_variant(wheel);
    ASSERT_TRUE(variant);
    EXPECT_EQ(variant->label, "torch2.8_cu129");
    const auto later = describe_variant(wheel_named("sageattention-2.2.0-2100.130-cp312-cp312-linux_x86_64.whl"));
    ASSERT_TRUE(later);
    EXPECT_EQ(later->label, "torch2.10_cu130");
    EXPECT_TRUE(
        test::matches_golden(test::golden_directory() / "index" / "pages" / "variants.json", render_variants_json({*later, *variant})));
    EXPECT_EQ(render_variants_json({*variant, *later}), render_variants_json({*later, *variant}));
}

TEST(VariantsJson, IsSilentWhereNoPropertySaysIt) {
    for (const char* name : {"plain-1.0-py3-none-any.whl", "flash_attn-2.8.2+cu12torch2.6cxx11abiTRUE-cp310-cp310-linux_x86_64.whl",
                             "sageattention-2.2.0+cu128torch2.10.0andhigher.post6-cp310-abi3-win_amd64.whl",
                             "causal_conv1d-1.5.3.post1+cu12torch25.04cxx11abiTRUE-cp312-cp312-linux_x86_64.whl"}) {
        EXPECT_FALSE(describe_variant(wheel_named(name))) << name;
    }
    const auto of_one_arch = describe_variant(wheel_named("sageattention-2.2.0+cu130.torch2.13.0.sm90-cp312-cp312-linux_x86_64.whl"));
    ASSERT_TRUE(of_one_arch);
    EXPECT_EQ(of_one_arch->label, digest_label(*of_one_arch));
    EXPECT_EQ(of_one_arch->label.size(), 16U);
}

TEST(VariantsJson, AVariantWheelListsItsVariant) {
    auto example = test::make_example_wheel(test::example_row());
    const WheelVariant variant = *describe_variant(wheel_named("sageattention-2.2.0-280.129-cp312-cp312-linux_x86_64.whl"));
    const auto made = make_variant_wheel(example.pack(), variant);
    ASSERT_TRUE(made);
    EXPECT_EQ(*made, *make_variant_wheel(example.pack(), variant));
    const auto entries = read_zip(*made);
    ASSERT_TRUE(entries);
    EXPECT_EQ(entries->size(), example.entries.size() + 1);
    EXPECT_EQ(entries->back().path, "sageattention-2.2.0.dist-info/RECORD");
    EXPECT_NE(entries->back().bytes.find("sageattention-2.2.0.dist-info/variant.json,sha256="), std::string::npos);
    EXPECT_EQ((*entries)[entries->size() - 2].bytes, render_variants_json({variant}));
    example.remove("sageattention-2.2.0.dist-info/RECORD");
    const auto broken = make_variant_wheel(example.pack(), variant);
    ASSERT_FALSE(broken);
    EXPECT_EQ(render_diagnostics(broken.errors()), "error[SB0404]: wheel has no RECORD\n");
    EXPECT_EQ(variant_wheel_name("a-1-py3-none-any.whl", "x"), "a-1-py3-none-any-x.whl");
}

}  // namespace
}  // namespace sagebuild
