# Homebrew formula. packaging/release fills in address and digest for a tap; for a clone:
#   brew install --HEAD packaging/dextctl.rb
class Dextctl < Formula
  desc "Tells the author of an Apple driver extension what is wrong with it"
  homepage "@HOMEPAGE@"
  url "@URL@"
  sha256 "@SHA256@"
  license "Apache-2.0"
  head "file://#{File.expand_path("..", __dir__)}", using: :git

  depends_on "cmake" => :build
  depends_on "ninja" => :build
  depends_on "pkgconf" => :build
  depends_on "jansson"
  depends_on "libarchive"
  depends_on "libxml2"
  depends_on "libyaml"
  depends_on "lz4"
  depends_on "openssl@3"
  depends_on "pcre2"

  def install
    # libarchive and libxml2 are keg-only: the system has its own, without headers.
    ENV.prepend_path "PKG_CONFIG_PATH", Formula["libarchive"].opt_lib/"pkgconfig"
    system "cmake", "-S", ".", "-B", "build", "-G", "Ninja", "-DBUILD_TESTING=OFF", "-DDEXTCTL_WERROR=OFF",
           "-DCMAKE_PREFIX_PATH=#{Formula["libxml2"].opt_prefix}", *std_cmake_args
    system "cmake", "--build", "build"
    system "cmake", "--install", "build"
  end

  test do
    assert_match "kIOReturnUnsupported", shell_output("#{bin}/dextctl error 0xe00002c7")
  end
end
