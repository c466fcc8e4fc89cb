import SystemExtensions

final class Installer: NSObject {
    private let driver = "unused"

    func activate() {
        let request = OSSystemExtensionRequest.activationRequest(
            forExtensionWithIdentifier: "com.acme.MyApp.drivr", queue: .main)
        OSSystemExtensionManager.shared.submitRequest(request)
    }
}
