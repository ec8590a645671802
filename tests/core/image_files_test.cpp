#include "core/image_files.hpp"

#include <gtest/gtest.h>

namespace sagebuild {
namespace {

/// `a b@target c=target d/`: files, symbolic and hard links, directories.
ImageFiles layer(const std::string& text) {
    ImageFiles files;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        std::string word = text.substr(at, end - at);
        at = end + 1;
        const std::size_t mark = word.find_first_of("@=");
        if (word.ends_with('/')) {
            files[word.substr(0, word.size() - 1)] = {.kind = ImageFileKind::directory};
        } else if (mark != std::string::npos) {
            const auto kind = word[mark] == '@' ? ImageFileKind::symbolic_link : ImageFileKind::hard_link;
            files[word.substr(0, mark)] = {.kind = kind, .link = word.substr(mark + 1)};
        } else {
            files[word] = {.content = "of " + word};
        }
    }
    return files;
}

std::string names(const ImageFiles& files) {
    std::string out;
    for (const auto& [path, file] : files) out += (out.empty() ? "" : " ") + path + (file.link.empty() ? "" : "@" + file.link);
    return out;
}

/// OCI image specification, «Layer Filesystem Changeset».
TEST(ImageFiles, LayersAreLaidOverEachOther) {
    const std::pair<std::vector<const char*>, const char*> cases[] = {
        {{"a b", "c"}, "a b c"},
        {{"a/x a/y b", "a/.wh.x"}, "a/y b"},
        {{"a/x/1 a/x/2 ab", ".wh.a"}, "ab"},
        {{"a/x a/y b", "a/.wh..wh..opq a/z"}, "a/z b"},
        {{"a b", ".wh..wh..opq c"}, "c"},
        {{"a/x", "a"}, "a"},
        {{"a/x", "a@b"}, "a@b"},
        {{"a/x", "a/"}, "a a/x"},
        {{"a@b", "a/ a/x"}, "a a/x"},
        {{"a", ".wh.a", "a"}, "a"},
        {{".wh.a a"}, "a"},
    };
    for (const auto& [layers, expected] : cases) {
        ImageFiles image;
        for (const char* text : layers) apply_layer(image, layer(text));
        EXPECT_EQ(names(image), expected);
    }
}

TEST(ImageFiles, AHardLinkIsTheFile) {
    ImageFiles image;
    apply_layer(image, layer("z a=z"));
    EXPECT_EQ(image.at("a").content, "of z");
    apply_layer(image, layer("b=z c=nowhere d=a"));
    EXPECT_EQ(image.at("b").content, "of z");
    EXPECT_EQ(image.at("c").content, "");
    EXPECT_EQ(image.at("d").content, "of z");
}

TEST(ImageFiles, LinksAreFollowedInsideTheImage) {
    ImageFiles image =
        layer("usr/lib/x lib@usr/lib up@../../usr/lib/x abs@/lib/x loop@loop2 loop2@loop self/a@../self/a dir@usr deep/one@two/../../lib");
    const std::pair<const char*, const char*> cases[] = {
        {"usr/lib/x", "usr/lib/x"},
        {"/lib/x", "usr/lib/x"},
        {"up", "usr/lib/x"},
        {"abs", "usr/lib/x"},
        {"dir/lib/./x", "usr/lib/x"},
        {"lib/../lib/x", "usr/lib/x"},
        {"deep/one/x", "usr/lib/x"},
        {"loop", "-"},
        {"self/a", "-"},
        {"gone", "-"},
        {"", ""},
    };
    for (const auto& [path, expected] : cases) EXPECT_EQ(resolve_image_path(image, path).value_or("-"), expected) << path;
    EXPECT_EQ(find_image_file(image, "lib/x")->content, "of usr/lib/x");
    EXPECT_EQ(find_image_file(image, "lib"), nullptr);
    // Links that multiply parts end, too.
    ImageFiles grower;
    grower["a"] = {.kind = ImageFileKind::symbolic_link, .link = "a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a"};
    EXPECT_EQ(resolve_image_path(grower, "a"), std::nullopt);
}

TEST(ImageFiles, OnlyWhatIsLookedAtIsKept) {
    for (const char* path : {"etc/os-release", "usr/lib/x86_64-linux-gnu/libc.so.6", "lib/libc-2.31.so", "opt/v/pyvenv.cfg",
                             "a/site-packages/torch/version.py", "a/torch/lib/libc10.so", "usr/local/cuda-12.9/version.json"})
        EXPECT_GT(interesting_bytes(path), 0U) << path;
    for (const char* path : {"usr/bin/python3.12", "etc/passwd", "a/torch/lib/libtorch_cuda.so", "usr/local/cuda-12.9/doc/version.json",
                             "home/etc/os-release"})
        EXPECT_EQ(interesting_bytes(path), 0U) << path;
}

}  // namespace
}  // namespace sagebuild
