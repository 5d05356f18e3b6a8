import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.SecureRandom;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;

/** Seals a PIN with the JDK alone: kid, n, e, plaintext and the MGF1 hash as arguments, the compact JWE on standard output. */
class SealPin {
  public static void main(String[] args) throws Exception {
    String header = "{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256CBC-HS512\",\"kid\":\"" + args[0] + "\"}";
    byte[] aad = text(header.getBytes(StandardCharsets.UTF_8)).getBytes(StandardCharsets.US_ASCII);
    byte[] contentKey = new byte[64];
    byte[] iv = new byte[16];
    new SecureRandom().nextBytes(contentKey);
    new SecureRandom().nextBytes(iv);

    Cipher rsa = Cipher.getInstance("RSA/ECB/OAEPPadding");
    var key = KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(number(args[1]), number(args[2])));
    var mgf1 = new MGF1ParameterSpec(args[4]);
    rsa.init(Cipher.ENCRYPT_MODE, key, new OAEPParameterSpec("SHA-256", "MGF1", mgf1, PSource.PSpecified.DEFAULT));

    Cipher aes = Cipher.getInstance("AES/CBC/PKCS5Padding");
    aes.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(contentKey, 32, 32, "AES"), new IvParameterSpec(iv));
    byte[] ciphertext = aes.doFinal(args[3].getBytes(StandardCharsets.UTF_8));

    Mac mac = Mac.getInstance("HmacSHA512");
    mac.init(new SecretKeySpec(contentKey, 0, 32, "HmacSHA512"));
    for (byte[] part : new byte[][] {aad, iv, ciphertext, ByteBuffer.allocate(8).putLong(8L * aad.length).array()}) mac.update(part);
    byte[] tag = Arrays.copyOf(mac.doFinal(), 32);

    System.out.println(String.join(".", new String(aad), text(rsa.doFinal(contentKey)), text(iv), text(ciphertext), text(tag)));
  }

  static String text(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  static BigInteger number(String base64url) {
    return new BigInteger(1, Base64.getUrlDecoder().decode(base64url));
  }
}
