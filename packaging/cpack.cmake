set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME dextctl)
# Who builds the package for others gives an address: -DDEXTCTL_CONTACT="Name <name@host>".
set(DEXTCTL_CONTACT "dextctl maintainers <root@localhost>" CACHE STRING "Maintainer of the .deb")
set(CPACK_PACKAGE_CONTACT "${DEXTCTL_CONTACT}")
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${PROJECT_DESCRIPTION})
set(CPACK_PACKAGE_DESCRIPTION
    "Checks the Info.plist, entitlements and bundle of an Apple driver extension (DriverKit), and
 decodes the error codes its author meets. Works from files alone, without a Mac.")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Loaded on demand, so not seen by SHLIBDEPS.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libplist3, libssl3, libarchive13, libpcre2-8-0")
if(HS_FOUND)
  string(APPEND CPACK_DEBIAN_PACKAGE_DEPENDS ", libvectorscan5 | libhyperscan5")
endif()
# panic --symbols: C++ names and source lines.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "libstdc++6")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "llvm")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
include(CPack)
