import SystemExtensions

final class Installer: NSObject {
    private let driver = "x"

    func activate() {
        let request = OSSystemExtensionRequest.activationRequest(
            forExtensionWithIdentifier: "com.acme.other", queue: .main)
        OSSystemExtensionManager.shared.submitRequest(request)
    }
}
