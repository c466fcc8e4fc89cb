# Homebrew formula that builds the clone it stands in: brew install --HEAD packaging/dextctl.rb
class Dextctl < Formula
  desc "Tells the author of an Apple driver extension what is wrong with it"
  head "file://#{File.expand_path("..", __dir__)}", using: :git
  license "Apache-2.0"

  depends_on "cmake" => :build
  depends_on "ninja" => :build
  depends_on "pkgconf" => :build
  depends_on "jansson"
  depends_on "libarchive"
  depends_on "libplist"
  depends_on "libxml2"
  depends_on "openssl@3"
  depends_on "pcre2"
  depends_on "vectorscan"

  def install
    system "cmake", "-S", ".", "-B", "build", "-G", "Ninja", "-DBUILD_TESTING=OFF",
           "-DDEXTCTL_WERROR=OFF", *std_cmake_args
    system "cmake", "--build", "build"
    system "cmake", "--install", "build"
  end

  test do
    assert_match "kIOReturnUnsupported", shell_output("#{bin}/dextctl error 0xe00002c7")
  end
end
