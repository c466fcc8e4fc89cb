import SystemExtensions

final class Installer: NSObject {
    private let driver = "com.acme.MyApp.Driver"

    func activate() {
        let request = OSSystemExtensionRequest.activationRequest(
            forExtensionWithIdentifier: self.driver, queue: .main)
        OSSystemExtensionManager.shared.submitRequest(request)
    }
}
