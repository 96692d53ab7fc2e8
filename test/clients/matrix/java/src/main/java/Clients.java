/** Runs one of the Java clients of the matrix, named by the first argument. */
public final class Clients {
  private Clients() {}

  public static void main(String[] arguments) throws Exception {
    switch (arguments[0]) {
      case "signer" -> AwsSigner.run();
      case "services" -> AwsServices.run();
      case "nimbus" -> Nimbus.run();
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }
}
