import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import javax.crypto.Cipher;

/** Seals a message with the JDK alone: a public key as PEM and the message as arguments, base64 on standard output. */
class SealLithicPin {
  public static void main(String[] args) throws Exception {
    byte[] spki = Base64.getMimeDecoder().decode(args[0].replaceAll("-----[A-Z ]+-----", ""));
    PublicKey key = KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(spki));
    Cipher rsa = Cipher.getInstance("RSA/ECB/OAEPWithSHA-1AndMGF1Padding");
    rsa.init(Cipher.ENCRYPT_MODE, key);
    System.out.println(Base64.getEncoder().encodeToString(rsa.doFinal(args[1].getBytes(StandardCharsets.UTF_8))));
  }
}
