#include "core/comment_claims.hpp"

#include <gtest/gtest.h>

namespace sagebuild {

namespace {

/// `torch 2.8, CUDA 12.8`.
std::string claims_of(const std::string& comment) {
    std::string out;
    for (const CommentClaim& claim : find_comment_claims(comment, "sage-attention")) {
        EXPECT_EQ(comment.substr(claim.at.begin, claim.at.size()), claim.text);
        out += (out.empty() ? "" : ", ") + std::string(subject_name(claim.subject)) + " " + claim.value.to_string();
    }
    return out;
}

TEST(CommentClaims, AreFoundInTheWaysPeopleWriteThem) {
    EXPECT_EQ(claims_of("# SageAttention v2.2.0-build.10 (torch 2.8, cu128, py312)"),
              "version 2.2.0, build 10, torch 2.8, CUDA 12.8, Python 3.12");
    EXPECT_EQ(claims_of("# build 10 / PyTorch 2.8.0 / CUDA 12.8.1 / Python 3.12"), "build 10, torch 2.8.0, CUDA 12.8.1, Python 3.12");
    EXPECT_EQ(claims_of("# 2.8/cu128"), "torch 2.8, CUDA 12.8");
    EXPECT_EQ(claims_of("# 2.8.0+cu130 cp313"), "torch 2.8.0, CUDA 13.0, Python 3.13");
    EXPECT_EQ(claims_of("# torch28-cu129, torch==2.8, torch-2.8.1, pt280"), "torch 2.8, CUDA 12.9, torch 2.8, torch 2.8.1, torch 2.8.0");
    EXPECT_EQ(claims_of("# Sage_Attention 2.2.0, sage.attention==2.1"), "version 2.2.0, version 2.1");
    EXPECT_EQ(claims_of("# CUDA 12"), "CUDA 12");
}

TEST(CommentClaims, AreNotSeenWhereThereAreNone) {
    EXPECT_EQ(claims_of("# torch>=2.8, torch 2.8+, torch 2.8 or newer, torch 2.8-2.9, torch 2.8 to 2.9, torch 2.8.x"), "");
    EXPECT_EQ(claims_of("# https://x/torch2.8/cu128.whl sageattention-2.2.0-280.128-cp312-cp312-linux_x86_64.whl"), "");
    EXPECT_EQ(claims_of("# torchvision 0.23, cuda graphs, python package, build it, cublas 12.8, sm89, 2.8, py3, python 4.0"), "");
    EXPECT_EQ(claims_of("# torch 99999.1 cu1 cu12345 build.123456"), "");
    EXPECT_EQ(claims_of(std::string(100'000, 'v') + std::string(100'000, '1')), "");
}

TEST(CommentClaims, AreWrittenAsTheyWere) {
    const auto rewritten = [](const std::string& comment, const char* fact) {
        const auto claims = find_comment_claims(comment, "");
        return claims.size() == 1 ? render_claim(claims.front(), *parse_version(fact)) : "?";
    };
    EXPECT_EQ(rewritten("cu128", "12.9.1"), "129");
    EXPECT_EQ(rewritten("cuda 12.8", "13.0"), "13.0");
    EXPECT_EQ(rewritten("cuda 12", "13.0"), "13");
    EXPECT_EQ(rewritten("torch 2.8", "2.9.0"), "2.9");
    EXPECT_EQ(rewritten("torch 2.8.0", "2.9"), "2.9");
    EXPECT_EQ(rewritten("torch280", "2.9.0"), "290");
    EXPECT_EQ(rewritten("py39", "3.12"), "312");
    EXPECT_EQ(rewritten("build.9", "14"), "14");
}

TEST(CommentClaims, HoldAsFarAsBothSidesSay) {
    const auto wrong = [](const std::string& comment, const char* fact) {
        return contradicts(find_comment_claims(comment, "").front(), *parse_version(fact));
    };
    EXPECT_FALSE(wrong("torch 2.8", "2.8.1"));
    EXPECT_FALSE(wrong("CUDA 12.8", "12"));
    EXPECT_TRUE(wrong("torch 2.8.1", "2.8.0"));
    EXPECT_TRUE(wrong("cu128", "12.9"));
}

}  // namespace

}  // namespace sagebuild
