#include "src/dockerfile/language.h"

#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "gtest/gtest.h"

namespace kasane {
namespace {

TEST(Language, KindsAndNamesAgree) {
  std::set<std::string> names;
  for (const InstructionInfo& info : Instructions()) {
    EXPECT_EQ(&InstructionInfoOf(info.kind), &info);
    InstructionKind kind;
    ASSERT_TRUE(FindInstruction(info.name, &kind));
    EXPECT_EQ(kind, info.kind);
    EXPECT_TRUE(names.emplace(info.name).second);
    EXPECT_FALSE(info.note.empty());
    std::set<std::string> flags;
    for (const FlagInfo& flag : info.flags) {
      EXPECT_TRUE(flags.emplace(flag.name).second) << flag.name;
      EXPECT_EQ(flag.operand.empty(), flag.type == FlagType::kBool) << flag.name;
    }
  }
  EXPECT_EQ(names.size(), 18u);
}

TEST(Language, DocumentationIsCurrent) {
  std::ifstream file("docs/DOCKERFILE.md", std::ios::binary);
  ASSERT_TRUE(file.is_open());
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_TRUE(text.str() == LanguageMarkdown())
      << "make it anew: gen --help dockerfile.md > docs/DOCKERFILE.md";
}

TEST(Language, TextNamesEverything) {
  const std::string text = LanguageText();
  for (const InstructionInfo& info : Instructions()) {
    EXPECT_NE(text.find("\n" + std::string(info.name) + " "), std::string::npos) << info.name;
    for (const FlagInfo& flag : info.flags) {
      EXPECT_NE(text.find("--" + std::string(flag.name)), std::string::npos) << flag.name;
    }
  }
}

}  // namespace
}  // namespace kasane
